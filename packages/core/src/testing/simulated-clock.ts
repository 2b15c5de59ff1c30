import type { Clock } from '../clock.ts'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it on. */
export class SimulatedClock implements Clock {
  #nowMs = 0
  #nextId = 1
  readonly #timers = new Map<number, Timer>()

  now(): number {
    return this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.#timers.set(this.#nextId, { atMs: this.#nowMs + Math.max(0, delayMs), callback })
    return this.#nextId++
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number)
  }

  /** How many timers are set. */
  get pendingCount(): number {
    return this.#timers.size
  }

  /**
   * Lets `ms` milliseconds pass: whatever becomes due runs at its own time, in order, and streams and promises
   * that it sets off come to rest before the next.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settle()
    for (let id = this.#next(endMs); id !== undefined; id = this.#next(endMs)) {
      const { atMs, callback } = this.#timers.get(id) as Timer
      this.#timers.delete(id)
      this.#nowMs = Math.max(this.#nowMs, atMs)
      callback()
      await settle()
    }
    this.#nowMs = endMs
  }

  #next(endMs: number): number | undefined {
    let first: [number, Timer] | undefined
    for (const entry of this.#timers) {
      if (entry[1].atMs <= endMs && (!first || entry[1].atMs < first[1].atMs)) first = entry
    }
    return first?.[0]
  }
}

/** Lets streams and promises that are under way come to rest. Needs real time: one turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
