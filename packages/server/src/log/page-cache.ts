import type { LogPage } from './event-log.ts'

/** Pages by run and cursor, so that readers at the same place share one. */
export interface PageCache {
  /** The page of the run behind number `after`; `make` makes it, if none is kept that is still right. */
  get(runId: string, after: number, last: number, make: () => Promise<LogPage>): Promise<LogPage>
}

interface Entry {
  readonly page: Promise<LogPage>
  /** The run's last event when the page was made. */
  readonly last: number
  /** More events follow it: it stays as it is, whatever is added to the run. */
  isFull: boolean
}

export function createPageCache(maxPages: number): PageCache {
  /** The one that was used last comes last. */
  const entries = new Map<string, Entry>()

  function add(key: string, last: number, make: () => Promise<LogPage>): Entry {
    const entry: Entry = { page: make(), last, isFull: false }
    entry.page.then(
      ({ events, last: lastThen }) => {
        entry.isFull = (events.at(-1)?.seq ?? lastThen) < lastThen
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key)
      },
    )
    return entry
  }

  return {
    get(runId, after, last, make) {
      const key = `${runId} ${after}`
      const known = entries.get(key)
      const entry = known && (known.isFull || known.last === last) ? known : add(key, last, make)
      entries.delete(key)
      entries.set(key, entry)
      const oldest = entries.keys().next()
      if (entries.size > maxPages && !oldest.done) entries.delete(oldest.value)
      return entry.page
    },
  }
}
