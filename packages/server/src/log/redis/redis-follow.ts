import type { EventLog, LogPage } from '../event-log.ts'
import { type FollowSource, followPages } from '../follow.ts'
import { whenAvailable } from '../when-available.ts'
import type { RedisReader } from './redis-reader.ts'
import type { RedisTail } from './redis-tail.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface RedisFollowOptions {
  readonly reader: RedisReader
  readonly read: (runId: string, after: number) => Promise<LogPage>
  readonly isClosed: () => boolean
}

/** Reads a run from Redis until its end is reached, and then what the reader brings. */
export function createRedisFollow({ reader, read, isClosed }: RedisFollowOptions): EventLog['follow'] {
  /** Pages that are on their way, by run and cursor. */
  const pages = new Map<string, Promise<LogPage>>()

  function sharedRead(runId: string, after: number): Promise<LogPage> {
    const place = `${runId} ${after}`
    const shared = pages.get(place)
    if (shared) return shared
    const page = read(runId, after).finally(() => pages.delete(place))
    pages.set(place, page)
    return page
  }

  return async function* follow(runId, after, signal) {
    let tail: RedisTail | undefined
    let lastAtMs: number | undefined
    const isTooLate = isClosed()

    function leave(): void {
      if (tail) reader.leave(tail)
      tail = undefined
    }

    async function storedPage(cursor: number): Promise<LogPage> {
      try {
        const page = whenAvailable(() => sharedRead(runId, cursor), signal)
        return await unlessAborted(page, signal)
      } catch (error) {
        const isOver = signal.aborted || (isClosed() && !isTooLate)
        if (!isOver) throw error
        return { events: [], last: cursor, hasEnded: true }
      }
    }

    const source: FollowSource = {
      async page(cursor) {
        // What the others had read, and was lost, this one has not seen.
        if (tail?.failure !== undefined && cursor < tail.last) leave()
        const page = tail?.page(cursor) ?? (await storedPage(cursor))
        lastAtMs = page.events.at(-1)?.atMs ?? lastAtMs
        return page
      },
      async changed(last, stop) {
        tail ??= reader.watch(runId, last, lastAtMs)
        const isLast = tail.last <= last && !tail.hasEnded && tail.failure === undefined
        if (isLast && !isClosed()) await tail.wait(stop)
        if (tail.failure !== undefined) throw tail.failure
      },
      isClosed,
    }

    try {
      yield* followPages(source, after, signal)
    } finally {
      leave()
    }
  }
}
