import type { CallReport } from '../observe/call-report.ts'

/** Of calls that ended within some time, the latest ones. */
export interface CallWindow {
  add(report: CallReport): void
  /** Those that ended within the window, the oldest first. */
  recent(): readonly CallReport[]
  /** The last ones, whenever they ended, the newest first. */
  last(count: number): readonly CallReport[]
}

export interface CallWindowOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  readonly windowMs: number
  /** How many are kept, of whatever age. */
  readonly maxCalls: number
}

export function createCallWindow({ now, windowMs, maxCalls }: CallWindowOptions): CallWindow {
  let ended: { readonly atMs: number; readonly report: CallReport }[] = []
  return {
    add(report) {
      ended.push({ atMs: now(), report })
      // Half of them at a time, so that a call costs the same whatever came before.
      if (ended.length >= 2 * maxCalls) ended = ended.slice(-maxCalls)
    },
    recent() {
      const fromMs = now() - windowMs
      return ended
        .slice(-maxCalls)
        .filter(({ atMs }) => atMs >= fromMs)
        .map(({ report }) => report)
    },
    last: (count) =>
      ended
        .slice(-Math.min(count, maxCalls))
        .map(({ report }) => report)
        .reverse(),
  }
}
