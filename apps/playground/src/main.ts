import '@fontsource-variable/inter/wght.css'
import './style.css'
import type { Fault } from '../server/stream-request.ts'
import { readChoices, writeChoices } from './choices.ts'
import { Controls, faultButtons } from './controls.ts'
import { noteOf } from './faults.ts'
import { mountReactPanel } from './panels/react-panel.tsx'
import { mountSveltePanel } from './panels/svelte-panel.ts'
import { mountVuePanel } from './panels/vue-panel.ts'
import { ServerRow } from './server-row.ts'
import { Servers } from './servers.ts'
import { type ClientMode, Stage } from './stage.ts'
import { wireTheme } from './theme.ts'
import { Timeline } from './timeline.ts'

const form = byId<HTMLFormElement>('controls')
const stopAll = byId<HTMLButtonElement>('stop-all')
const note = byId('note')
const timeline = new Timeline(byId('lanes'), byId('log'))

wireTheme(byId('theme'))
byId('faults').replaceChildren(...faultButtons())

const asked = readChoices(location.search)
const { server } = asked
const servers = new Servers()
await servers.load()
const controls = new Controls(form, await (await fetch('/api/recordings')).json(), asked)
const row = new ServerRow(
  {
    state: byId('server-state'),
    kill: byId<HTMLButtonElement>('kill'),
    follow: byId<HTMLAnchorElement>('follow'),
  },
  servers,
  server,
)
const stage = new Stage(
  [
    { name: 'React', mount: mountReactPanel },
    { name: 'Vue', mount: mountVuePanel },
    { name: 'Svelte', mount: mountSveltePanel },
  ].map((slot) => ({
    ...slot,
    target: document.querySelector(`[data-framework="${slot.name.toLowerCase()}"]`) as Element,
  })),
  {
    baseUrl: servers.originOf(server),
    onRefused: (error) => {
      note.textContent = `The answer was not taken: ${error instanceof Error ? error.message : error}`
    },
  },
)

form.addEventListener('change', () => void choose())
form.addEventListener('submit', (event) => {
  event.preventDefault()
  play((event.submitter?.dataset.fault ?? 'none') as Fault)
})
stopAll.addEventListener('click', () => {
  for (const { client } of stage.tracks) client.stop()
})

note.textContent = controls.about
await showPanels(controls.choices.clients, asked.runIds)

/** Starts the chosen recording on every client. */
function play(fault: Fault): void {
  const { choices } = controls
  const { recording, speed, runs, ask } = choices
  note.textContent = noteOf(fault, runs)
  controls.showPlayed(fault)
  history.replaceState(null, '', writeChoices(choices, { runIds: [], server }))
  const beganAtMs = performance.now()
  for (const { client, history } of stage.tracks) {
    client.stop()
    history.begin(beganAtMs)
    // Where runs are, other origins may ask, too; streams that nobody keeps are the page's own.
    const endpoint = runs === 'durable' ? '/runs' : `${location.origin}/api/stream`
    void client.start(endpoint, { recording, speed, fault, ask })
  }
  timeline.follow(beganAtMs)
}

/** A control has been changed: takes over what it says. */
async function choose(): Promise<void> {
  const { clients } = controls.choices
  const next = controls.read()
  history.replaceState(null, '', writeChoices(next, { runIds: [], server }))
  note.textContent = controls.about
  if (next.clients !== clients) await showPanels(next.clients)
}

/** Shows the panels; they follow these runs, or what was under way when the page was left. */
async function showPanels(mode: ClientMode, runIds: readonly string[] = []): Promise<void> {
  controls.setPlayable(false)
  await stage.show(mode)
  timeline.show(stage.tracks)
  for (const { client } of stage.tracks) client.subscribe(showRuns)
  const nowMs = performance.now()
  if (stage.goOn(runIds)) timeline.follow(nowMs)
  showRuns()
  controls.setPlayable(true)
}

function showRuns(): void {
  const snapshots = stage.tracks.map(({ client }) => client.getSnapshot())
  stopAll.disabled = !snapshots.some(({ isStreaming }) => isStreaming)
  const runIds = snapshots.flatMap(({ runId }) => runId || [])
  // A window that follows a client has one for each of them.
  row.offer(controls.choices, runIds.length === snapshots.length ? runIds : [])
}

function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id)
  if (!element) throw new Error(`index.html has no element with the id "${id}"`)
  return element as E
}
