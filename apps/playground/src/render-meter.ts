import type { ClientSnapshot } from '@agent-stream/core'

/** Counts a panel's renders within one run. */
export class RenderMeter {
  #renders = 0

  /** To be called once in each render; returns its number. */
  next({ status, eventCount }: Pick<ClientSnapshot, 'status' | 'eventCount'>): number {
    const isFresh = status === 'idle' || (status === 'streaming' && eventCount === 0)
    this.#renders = isFresh ? 0 : this.#renders + 1
    return this.#renders
  }
}
