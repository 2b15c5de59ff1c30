import { AgentStreamClient, type AgentStreamClientOptions } from '@agent-stream/core'
import { keepRun } from '@agent-stream/core/storage'
import { RunHistory } from './history.ts'
import type { MountPanel, PanelProps } from './panel.ts'

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

export interface StageOptions extends Pick<PanelProps, 'onRefused'> {
  /** The server that the clients talk to. */
  readonly baseUrl: string
}

/** The panels, on one client or with one each. */
export class Stage {
  tracks: readonly Track[] = []
  readonly #slots: readonly Slot[]
  readonly #options: StageOptions
  #clear: () => void = () => {}
  #forget: (() => void)[] = []

  constructor(slots: readonly Slot[], options: StageOptions) {
    this.#slots = slots
    this.#options = options
  }

  /** Takes the panels out and puts new ones in; resolves once they are there. */
  async show(mode: ClientMode): Promise<void> {
    for (const { client } of this.tracks) client.stop()
    this.#clear()
    for (const forget of this.#forget.splice(0)) forget()
    this.tracks = []
    this.tracks = await (mode === 'shared' ? this.#showShared() : this.#showOwn())
  }

  /**
   * Follows these runs, one for each client; without one, what the client had under way when this page was left.
   * From now on that is remembered. Returns whether anything is followed.
   */
  goOn(runIds: readonly string[]): boolean {
    const beganAtMs = performance.now()
    for (const [index, { name, client, history }] of this.tracks.entries()) {
      history.begin(beganAtMs)
      const runId = runIds[index]
      if (runId) void client.resume(runId)
      this.#forget.push(keepRun(client, { key: `agent-stream-playground-${name}` }))
    }
    return this.tracks.some(({ client }) => client.getSnapshot().isStreaming)
  }

  async #showShared(): Promise<Track[]> {
    const history = new RunHistory()
    const client = new AgentStreamClient(this.#clientOptions(history))
    history.watch(client)
    const panels = this.#slots.map((slot) => this.#mount(slot, client, history))
    this.#clear = () => {
      for (const { unmount } of panels) unmount()
    }
    await Promise.all(panels.map(({ ready }) => ready))
    return [{ name: 'Shared', client, history }]
  }

  async #showOwn(): Promise<Track[]> {
    const panels = this.#slots.map((slot) => {
      const history = new RunHistory()
      const { ready, unmount } = this.#mount(slot, this.#clientOptions(history), history)
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

  #mount({ target, mount }: Slot, source: AgentStreamClient | AgentStreamClientOptions, history: RunHistory) {
    const { promise: ready, resolve } = Promise.withResolvers<AgentStreamClient>()
    const unmount = mount(target, {
      source,
      onClient: resolve,
      onRefused: this.#options.onRefused,
      flushCount: () => history.flushes.length,
    })
    return { ready, unmount }
  }

  #clientOptions(history: RunHistory): AgentStreamClientOptions {
    return {
      baseUrl: this.#options.baseUrl,
      // The tools of a recording have no effects that a repeated request would repeat.
      retry: { onDrop: 'restart' },
      onFlush: (flush) => history.flushed(flush),
    }
  }
}
