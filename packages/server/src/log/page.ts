import { type LogEvent, MAX_PAGE_CHARS } from './event-log.ts'

export const PAGE_EVENTS = 1000

/** How many of the events from `start` on are one page. */
export function pageLength(events: readonly LogEvent[], start: number, limit = PAGE_EVENTS): number {
  let chars = 0
  let count = 0
  while (count < limit && start + count < events.length) {
    chars += (events[start + count] as LogEvent).data.length
    if (count > 0 && chars > MAX_PAGE_CHARS) break
    count++
  }
  return count
}
