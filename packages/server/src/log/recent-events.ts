import type { LogEvent } from './event-log.ts'
import { pageLength } from './page.ts'

/** The newest events of the runs that were written to last, so that their readers need no disk. */
export interface RecentEvents {
  /** Adds what was committed to a run. */
  push(runId: string, events: readonly LogEvent[]): void
  /** A page of the events behind number `after`; `undefined` if it is not at hand. */
  page(runId: string, after: number, limit?: number): readonly LogEvent[] | undefined
  drop(runId: string): void
}

interface Entry {
  readonly events: LogEvent[]
  chars: number
}

export interface RecentEventsLimits {
  /** Characters of data of one run, and of all. An event counts for 100 more. */
  readonly maxRunChars: number
  readonly maxChars: number
}

const OVERHEAD_CHARS = 100

export function createRecentEvents({ maxRunChars, maxChars }: RecentEventsLimits): RecentEvents {
  /** The run that was written to last comes last. */
  const entries = new Map<string, Entry>()
  let chars = 0

  function drop(runId: string): void {
    chars -= entries.get(runId)?.chars ?? 0
    entries.delete(runId)
  }

  function shorten(entry: Entry): void {
    // Down to a half: cutting off one at a time would move all the others each time.
    let count = 0
    let left = entry.chars
    while (left > maxRunChars / 2) left -= charsOf(entry.events[count++] as LogEvent)
    entry.events.splice(0, count)
    chars -= entry.chars - left
    entry.chars = left
  }

  return {
    push(runId, events) {
      const known = entries.get(runId)
      // Behind a damaged end, numbers go on with a jump.
      const isNext = known?.events.at(-1)?.seq === (events[0]?.seq ?? 0) - 1
      if (known && !isNext) drop(runId)
      const entry = known && isNext ? known : { events: [], chars: 0 }
      entries.delete(runId)
      entries.set(runId, entry)
      for (const event of events) {
        entry.events.push(event)
        entry.chars += charsOf(event)
        chars += charsOf(event)
      }
      if (entry.chars > maxRunChars) shorten(entry)
      for (const [oldest] of entries) {
        if (chars <= maxChars) break
        drop(oldest)
      }
    },
    page(runId, after, limit) {
      const events = entries.get(runId)?.events
      const first = events?.[0]?.seq
      if (!events || first === undefined || after < first - 1) return undefined
      const start = after - first + 1
      return events.slice(start, start + pageLength(events, start, limit))
    },
    drop,
  }
}

function charsOf({ data }: LogEvent): number {
  return data.length + OVERHEAD_CHARS
}
