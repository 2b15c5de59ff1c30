import { AgentStreamClient, type AgentStreamClientOptions } from '@agent-stream/core'
import { RunHistory } from './history.ts'
import type { MountPanel } from './panel.ts'

export type ClientMode = 'shared' | 'own'

/** One client, what it goes through, and whose it is. */
export interface Track {
  readonly name: string
  readonly client: AgentStreamClient
  readonly history: RunHistory
}

export interface Slot {
  readonly name: string
  readonly target: Element
  readonly mount: MountPanel
}

/** The panels, on one client or with one each. */
export class Stage {
  tracks: readonly Track[] = []
  readonly #slots: readonly Slot[]
  #clear: () => void = () => {}

  constructor(slots: readonly Slot[]) {
    this.#slots = slots
  }

  /** Takes the panels out and puts new ones in; resolves once they are there. */
  async show(mode: ClientMode): Promise<void> {
    this.#clear()
    this.tracks = []
    this.tracks = await (mode === 'shared' ? this.#showShared() : this.#showOwn())
  }

  async #showShared(): Promise<Track[]> {
    const history = new RunHistory()
    const client = new AgentStreamClient(optionsFor(history))
    history.watch(client)
    const panels = this.#slots.map((slot) => mountPanel(slot, client, history))
    this.#clear = () => {
      client.stop()
      for (const { unmount } of panels) unmount()
    }
    await Promise.all(panels.map(({ ready }) => ready))
    return [{ name: 'Shared', client, history }]
  }

  async #showOwn(): Promise<Track[]> {
    const panels = this.#slots.map((slot) => {
      const history = new RunHistory()
      const { ready, unmount } = mountPanel(slot, optionsFor(history), history)
      const track = ready.then((client): Track => {
        history.watch(client)
        return { name: slot.name, client, history }
      })
      return { track, unmount }
    })
    this.#clear = () => {
      for (const { unmount } of panels) unmount()
    }
    return Promise.all(panels.map(({ track }) => track))
  }
}

function mountPanel(
  { target, mount }: Slot,
  source: AgentStreamClient | AgentStreamClientOptions,
  history: RunHistory,
) {
  const { promise: ready, resolve } = Promise.withResolvers<AgentStreamClient>()
  const unmount = mount(target, { source, onClient: resolve, flushCount: () => history.flushes.length })
  return { ready, unmount }
}

function optionsFor(history: RunHistory): AgentStreamClientOptions {
  return {
    // The tools of a recording have no effects that a repeated request would repeat.
    retry: { onDrop: 'restart' },
    onFlush: (flush) => history.flushed(flush),
  }
}
