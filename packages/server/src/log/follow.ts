import type { LogEvent, LogPage } from './event-log.ts'
import { whenAvailable } from './when-available.ts'

/** What following a run needs of its store. */
export interface FollowSource {
  /** The events after number `after`, the same array for all who ask at the same time. */
  page(after: number): Promise<LogPage>
  /** Resolves when the log does not end with event `last` any more, and when there is no more to come. */
  changed(last: number, signal: AbortSignal): Promise<void>
  isClosed(): boolean
}

/** `EventLog.follow` over pages. */
export async function* followPages(
  source: FollowSource,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly LogEvent[], void, undefined> {
  const page = (cursor: number) => whenAvailable(() => source.page(cursor), signal)
  let cursor = after
  while (!signal.aborted) {
    let next: LogPage
    try {
      next = await page(cursor)
    } catch (error) {
      // Whoever had begun is told of the end only.
      if (signal.aborted || (cursor > after && source.isClosed())) return
      throw error
    }
    const { events, last, hasEnded } = next
    if (signal.aborted) return
    if (events.length > 0) yield events
    cursor = events.at(-1)?.seq ?? last
    if (cursor < last) continue
    if (hasEnded) return
    await source.changed(last, signal)
    if (source.isClosed()) return
  }
}
