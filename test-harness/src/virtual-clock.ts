import type { Clock } from '@agent-stream/core'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/**
 * A clock that runs by itself: time jumps to the next timer as soon as all that the last one set off has come to
 * rest. A jump costs one turn of the event loop by message, 10 µs; by `setTimeout`, as `SimulatedClock` of
 * `core/testing` waits, it would be 1 ms, and a recording has thousands.
 */
export class VirtualClock implements Clock {
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

  /** Lets time pass until `isOver`, or the clock shows `limitMs`, or nothing is left that could happen. */
  async run(isOver: () => boolean, limitMs: number): Promise<void> {
    const { port1, port2 } = new MessageChannel()
    const settled = () =>
      new Promise<void>((resolve) => {
        port1.onmessage = () => resolve()
        port2.postMessage(null)
      })
    try {
      for (await settled(); !isOver(); await settled()) {
        const timer = this.#takeNext(limitMs)
        if (!timer) return
        this.#nowMs = Math.max(this.#nowMs, timer.atMs)
        timer.callback()
      }
    } finally {
      port1.close()
    }
  }

  #takeNext(limitMs: number): Timer | undefined {
    let first: [number, Timer] | undefined
    for (const entry of this.#timers) {
      if (entry[1].atMs <= limitMs && (!first || entry[1].atMs < first[1].atMs)) first = entry
    }
    if (first) this.#timers.delete(first[0])
    return first?.[1]
  }
}
