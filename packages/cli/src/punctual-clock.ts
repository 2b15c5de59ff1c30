import type { Clock } from '@agent-stream/core'

export interface PunctualClock extends Clock {
  /** Clears every timer: nobody waits any longer. */
  clearAll(): void
}

/** Lateness beyond it is that of a machine that slept, and is not made up for. */
const MAX_LATE_MS = 1000

/** A clock that takes from the next wait what the last one was late: over thousands of waits that would add up. */
export function punctualClock(clock: Clock): PunctualClock {
  const timers = new Set<unknown>()
  let lateMs = 0

  function clearTimeout(timer: unknown): void {
    timers.delete(timer)
    clock.clearTimeout(timer)
  }

  return {
    now: () => clock.now(),
    setTimeout(callback, delayMs) {
      const waitMs = Math.max(0, delayMs - lateMs)
      lateMs -= delayMs - waitMs
      const dueAt = clock.now() + waitMs
      const timer = clock.setTimeout(() => {
        timers.delete(timer)
        lateMs = Math.min(MAX_LATE_MS, lateMs + Math.max(0, clock.now() - dueAt))
        callback()
      }, waitMs)
      timers.add(timer)
      return timer
    },
    clearTimeout,
    clearAll() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
