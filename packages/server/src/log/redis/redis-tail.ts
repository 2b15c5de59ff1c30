import type { LogEvent, LogPage } from '../event-log.ts'
import type { RecentEvents } from '../recent-events.ts'
import { createWaiters } from '../waiters.ts'

/** The end of a run's log as this process reads it: one for all who follow the run here. */
export interface RedisTail {
  readonly runId: string
  /** The number of the last event read. */
  readonly last: number
  /** Its time, if it was read here. */
  readonly lastAtMs: number | undefined
  readonly hasEnded: boolean
  /** Why nothing more will come. */
  readonly failure: unknown
  push(events: readonly LogEvent[], hasEnded: boolean): void
  fail(failure: unknown): void
  /** The events after number `after`, the same array for all; `undefined` if they are not kept here. */
  page(after: number): LogPage | undefined
  /** Resolves at the next `push`, `fail` or `wake`, or when the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>
  wake(): void
}

/** Keeps its events among `recent`. `afterAtMs`: the time of event number `after`, if it is known. */
export function createRedisTail(
  runId: string,
  after: number,
  afterAtMs: number | undefined,
  recent: RecentEvents,
): RedisTail {
  const waiters = createWaiters()
  const pages = new Map<number, LogPage>()
  let last = after
  let lastAtMs = afterAtMs
  let hasEnded = false
  let failure: unknown

  return {
    runId,
    get last() {
      return last
    },
    get lastAtMs() {
      return lastAtMs
    },
    get hasEnded() {
      return hasEnded
    },
    get failure() {
      return failure
    },
    push(events, isEnd) {
      recent.push(runId, events)
      last = events.at(-1)?.seq ?? last
      lastAtMs = events.at(-1)?.atMs ?? lastAtMs
      hasEnded = isEnd
      pages.clear()
      waiters.wake()
    },
    fail(reason) {
      failure = reason
      waiters.wake()
    },
    page(after) {
      if (failure !== undefined || after > last) return undefined
      const shared = pages.get(after)
      if (shared) return shared
      const events = after === last ? [] : recent.page(runId, after)
      const page = events && { events, last, hasEnded }
      if (page) pages.set(after, page)
      return page
    },
    wait: waiters.wait,
    wake: waiters.wake,
  }
}
