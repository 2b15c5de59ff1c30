import '@fontsource-variable/inter/wght.css'
import './style.css'
import type { Fault } from '../server/stream-request.ts'
import { type Choices, readChoices, writeChoices } from './choices.ts'
import { FAULT_BUTTONS, PLAY_NOTE } from './faults.ts'
import { mountReactPanel } from './panels/react-panel.tsx'
import { mountSveltePanel } from './panels/svelte-panel.ts'
import { mountVuePanel } from './panels/vue-panel.ts'
import { type ClientMode, Stage } from './stage.ts'
import { wireTheme } from './theme.ts'
import { Timeline } from './timeline.ts'

interface ListedRecording {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly tool_count: number
  readonly duration_ms: number
}

const form = byId<HTMLFormElement>('controls')
const picker = byId<HTMLSelectElement>('recording')
const stopAll = byId<HTMLButtonElement>('stop-all')
const note = byId('note')
const timeline = new Timeline(byId('lanes'), byId('log'))
const stage = new Stage(
  [
    { name: 'React', mount: mountReactPanel },
    { name: 'Vue', mount: mountVuePanel },
    { name: 'Svelte', mount: mountSveltePanel },
  ].map((slot) => ({
    ...slot,
    target: document.querySelector(`[data-framework="${slot.name.toLowerCase()}"]`) as Element,
  })),
)

let choices = readChoices(location.search)
let recordings: readonly ListedRecording[] = []

wireTheme(byId('theme'))
addFaultButtons()
form.addEventListener('change', () => void choose())
form.addEventListener('submit', (event) => {
  event.preventDefault()
  play((event.submitter?.dataset.fault ?? 'none') as Fault)
})
stopAll.addEventListener('click', () => {
  for (const { client } of stage.tracks) client.stop()
})

recordings = await (await fetch('/api/recordings')).json()
picker.replaceChildren(
  ...recordings.map(
    ({ id, title, duration_ms }) => new Option(`${title} (${Math.round(duration_ms / 1000)} s)`, id),
  ),
)
picker.value = recordings.some(({ id }) => id === choices.recording)
  ? (choices.recording as string)
  : (recordings[0]?.id ?? '')
check('speed', String(choices.speed))
check('clients', choices.clients)
showRecording()
await showPanels(choices.clients)

/** Starts the chosen recording on every client. */
function play(fault: Fault): void {
  note.textContent = fault === 'none' ? PLAY_NOTE : FAULT_BUTTONS[fault].note
  for (const button of form.querySelectorAll<HTMLElement>('[data-fault]'))
    button.setAttribute('aria-pressed', String(button.dataset.fault === fault))
  const beganAtMs = performance.now()
  for (const { client, history } of stage.tracks) {
    client.stop()
    history.begin(beganAtMs)
    void client.start('/api/stream', { recording: picker.value, speed: choices.speed, fault })
  }
  timeline.follow(beganAtMs)
}

/** A control has been changed: takes over what it says. */
async function choose(): Promise<void> {
  const chosen = new FormData(form)
  const next: Choices = {
    recording: picker.value,
    speed: Number(chosen.get('speed') ?? choices.speed),
    clients: chosen.get('clients') === 'own' ? 'own' : 'shared',
  }
  const isModeNew = next.clients !== choices.clients
  choices = next
  history.replaceState(null, '', writeChoices(next))
  showRecording()
  if (isModeNew) await showPanels(next.clients)
}

async function showPanels(mode: ClientMode): Promise<void> {
  setPlayable(false)
  await stage.show(mode)
  timeline.show(stage.tracks)
  for (const { client } of stage.tracks) client.subscribe(showStreaming)
  showStreaming()
  setPlayable(true)
}

function showRecording(): void {
  const recording = recordings.find(({ id }) => id === picker.value)
  note.textContent = recording?.about ?? ''
  setPlayable(stage.tracks.length > 0)
}

function showStreaming(): void {
  stopAll.disabled = !stage.tracks.some(({ client }) => client.getSnapshot().isStreaming)
}

/** A fault of tools is of no use where there are none. */
function setPlayable(isPlayable: boolean): void {
  const hasTools = (recordings.find(({ id }) => id === picker.value)?.tool_count ?? 0) > 0
  for (const button of form.querySelectorAll<HTMLButtonElement>('[data-fault]')) {
    const needsTools = FAULT_BUTTONS[button.dataset.fault as Exclude<Fault, 'none'>]?.needsTools
    button.disabled = !isPlayable || (needsTools === true && !hasTools)
  }
}

function addFaultButtons(): void {
  byId('faults').replaceChildren(
    ...Object.entries(FAULT_BUTTONS).map(([fault, { label, note }]) => {
      const button = document.createElement('button')
      button.textContent = label
      button.title = note
      button.dataset.fault = fault
      button.dataset.testid = `fault-${fault}`
      button.disabled = true
      return button
    }),
  )
}

function check(name: string, value: string): void {
  for (const input of form.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`))
    input.checked = input.value === value
}

function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id)
  if (!element) throw new Error(`index.html has no element with the id "${id}"`)
  return element as E
}
