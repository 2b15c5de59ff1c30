import type { Clock } from '../../src/index.ts'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** Time that passes when it is told to. */
export class SimulatedClock implements Clock {
  readonly #timers = new Set<Timer>()
  #nowMs = 1000

  now(): number {
    return this.#nowMs
  }

  date(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  get pending(): number {
    return this.#timers.size
  }

  pass(ms: number): void {
    this.#nowMs += ms
  }

  /** Goes on to the next timer whenever nothing else happens, until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!isDone) this.#fireNext()
    }
    return work
  }

  #fireNext(): void {
    const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs)
    if (!next) return
    this.#timers.delete(next)
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    next.callback()
  }
}
