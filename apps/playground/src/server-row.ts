import { type Choices, type Followed, writeChoices } from './choices.ts'
import type { Servers } from './servers.ts'
import { durationText } from './wording.ts'

interface ServerRowElements {
  readonly state: HTMLElement
  readonly kill: HTMLButtonElement
  readonly follow: HTMLAnchorElement
}

/** Which server the window talks to, the button that kills it, and the way to a second window. */
export class ServerRow {
  readonly #elements: ServerRowElements
  readonly #servers: Servers
  readonly #server: number

  constructor(elements: ServerRowElements, servers: Servers, server: number) {
    this.#elements = elements
    this.#servers = servers
    this.#server = server
    elements.kill.disabled = false
    elements.kill.addEventListener('click', () => void this.#kill())
    this.#describe()
  }

  /** Shows where a second window follows these runs, or that there are none. */
  offer(choices: Choices, runIds: readonly string[]): void {
    const { follow } = this.#elements
    const followed: Followed = { runIds, server: this.#servers.otherThan(this.#server) }
    // A link without an address cannot be pressed.
    if (runIds.length === 0) follow.removeAttribute('href')
    else follow.href = writeChoices(choices, followed)
  }

  async #kill(): Promise<void> {
    const { state, kill } = this.#elements
    kill.disabled = true
    state.textContent = 'Killed. Waiting for another one …'
    try {
      const downMs = await this.#servers.kill(this.#server)
      this.#describe(`up again after ${durationText(downMs)}`)
    } catch (error) {
      state.textContent = `It was not killed: ${(error as Error).message}`
    } finally {
      kill.disabled = false
    }
  }

  #describe(more?: string): void {
    this.#elements.state.textContent = this.#servers.describe(this.#server, more)
  }
}
