import type { Fault, QuestionKind } from '../server/stream-request.ts'
import type { Choices } from './choices.ts'
import { FAULT_BUTTONS } from './faults.ts'

export interface ListedRecording {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly tool_count: number
  readonly duration_ms: number
}

/** The form at the top: what is chosen, and which of its buttons can be pressed. */
export class Controls {
  readonly #form: HTMLFormElement
  readonly #picker: HTMLSelectElement
  readonly #ask: HTMLFieldSetElement
  readonly #recordings: readonly ListedRecording[]
  #choices: Choices
  #isPlayable = false

  constructor(form: HTMLFormElement, recordings: readonly ListedRecording[], choices: Choices) {
    this.#form = form
    this.#picker = form.elements.namedItem('recording') as HTMLSelectElement
    this.#ask = form.elements.namedItem('ask-field') as HTMLFieldSetElement
    this.#recordings = recordings
    this.#picker.replaceChildren(
      ...recordings.map(
        ({ id, title, duration_ms }) => new Option(`${title} (${Math.round(duration_ms / 1000)} s)`, id),
      ),
    )
    const isListed = recordings.some(({ id }) => id === choices.recording)
    const recording = isListed ? choices.recording : (recordings[0]?.id ?? null)
    this.#choices = { ...choices, recording }
    this.#picker.value = recording ?? ''
    for (const name of ['speed', 'clients', 'runs', 'ask'] as const)
      for (const input of form.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`))
        input.checked = input.value === String(choices[name])
    this.#showChoosable()
  }

  get choices(): Choices {
    return this.#choices
  }

  /** What the agent of this recording is like. */
  get about(): string {
    return this.#recording?.about ?? ''
  }

  /** Takes over what has been changed; returns what is chosen now. */
  read(): Choices {
    const chosen = new FormData(this.#form)
    const { speed, ask } = this.#choices
    this.#choices = {
      recording: this.#picker.value,
      // One that no button has comes from the address, and stays until a button is pressed.
      speed: Number(chosen.get('speed') ?? speed),
      clients: chosen.get('clients') === 'own' ? 'own' : 'shared',
      runs: chosen.get('runs') === 'plain' ? 'plain' : 'durable',
      // Nothing is chosen where nothing can be.
      ask: (chosen.get('ask') as QuestionKind | null) ?? ask,
    }
    this.#showChoosable()
    return this.#choices
  }

  setPlayable(isPlayable: boolean): void {
    this.#isPlayable = isPlayable
    this.#showChoosable()
  }

  showPlayed(fault: Fault): void {
    for (const button of this.#form.querySelectorAll<HTMLElement>('[data-fault]'))
      button.setAttribute('aria-pressed', String(button.dataset.fault === fault))
  }

  get #recording(): ListedRecording | undefined {
    return this.#recordings.find(({ id }) => id === this.#picker.value)
  }

  /** A fault of tools is of no use where there are none, nor a question where nobody waits for its answer. */
  #showChoosable(): void {
    const hasTools = (this.#recording?.tool_count ?? 0) > 0
    for (const button of this.#form.querySelectorAll<HTMLButtonElement>('[data-fault]')) {
      const needsTools = FAULT_BUTTONS[button.dataset.fault as Exclude<Fault, 'none'>]?.needsTools
      button.disabled = !this.#isPlayable || (needsTools === true && !hasTools)
    }
    this.#ask.disabled = this.#choices.runs === 'plain'
  }
}

/** A button for each fault. */
export function faultButtons(): HTMLButtonElement[] {
  return Object.entries(FAULT_BUTTONS).map(([fault, { label, notes }]) => {
    const button = document.createElement('button')
    button.textContent = label
    button.title = notes.durable
    button.dataset.fault = fault
    button.dataset.testid = `fault-${fault}`
    button.disabled = true
    return button
  })
}
