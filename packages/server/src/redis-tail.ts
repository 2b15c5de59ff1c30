import type { LogEvent, LogPage } from './event-log.ts'
import { createWaiters } from './waiters.ts'

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

/** What is kept for readers who are a little behind; who is further behind reads from Redis. */
const MAX_EVENTS = 256
const MAX_CHARS = 131_072

export function createRedisTail(runId: string, after: number, afterAtMs: number | undefined): RedisTail {
  const waiters = createWaiters()
  const pages = new Map<number, LogPage>()
  let kept: LogEvent[] = []
  let keptChars = 0
  /** The number before the first one kept. */
  let keptAfter = after
  let last = after
  let lastAtMs = afterAtMs
  let hasEnded = false
  let failure: unknown

  function dropOldest(): void {
    let dropped = 0
    while (kept.length - dropped > MAX_EVENTS || keptChars > MAX_CHARS) {
      const event = kept[dropped++] as LogEvent
      keptChars -= event.data.length
      keptAfter = event.seq
    }
    if (dropped > 0) kept = kept.slice(dropped)
  }

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
      for (const event of events) {
        kept.push(event)
        keptChars += event.data.length
        last = event.seq
        lastAtMs = event.atMs
      }
      hasEnded = isEnd
      dropOldest()
      pages.clear()
      waiters.wake()
    },
    fail(reason) {
      failure = reason
      waiters.wake()
    },
    page(after) {
      if (failure !== undefined || after < keptAfter || after > last) return undefined
      const shared = pages.get(after)
      if (shared) return shared
      const page = { events: kept.filter(({ seq }) => seq > after), last, hasEnded }
      pages.set(after, page)
      return page
    },
    wait: waiters.wait,
    wake: waiters.wake,
  }
}
