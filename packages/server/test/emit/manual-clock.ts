import type { Clock } from '../../src/emit/clock.ts'

/** A clock that stands still until a test moves it on. */
export class ManualClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()

  now(): number {
    return this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as { atMs: number; callback: () => void })
  }

  /** How many timers are set. */
  get pendingCount(): number {
    return this.#timers.size
  }

  /** Lets `ms` milliseconds pass, and what becomes due run. */
  async advance(ms: number): Promise<void> {
    await settled()
    this.#nowMs += ms
    for (const timer of [...this.#timers]) {
      if (timer.atMs > this.#nowMs) continue
      this.#timers.delete(timer)
      timer.callback()
    }
    await settled()
  }
}

/** Lets promises that are under way come to rest: one turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
