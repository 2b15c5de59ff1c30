import { randomBytes } from 'node:crypto'

import { LogError } from '../log-error.ts'
import { createRecentEvents } from '../recent-events.ts'
import { waitMs } from '../when-available.ts'
import type { RedisConnection } from './redis-connection.ts'
import { endsRun, entryEvent, type RedisEntry, streamsOf } from './redis-entry.ts'
import type { RedisKeys } from './redis-keys.ts'
import { VERIFY, WAKE } from './redis-log-scripts.ts'
import { type RedisRefusal, refused } from './redis-refusal.ts'
import { createRedisTail, type RedisTail } from './redis-tail.ts'

/** Reads what is new in all the runs that are followed in this process, with one blocking command. */
export interface RedisReader {
  /** The tail of a run's log, for one more who follows it and has read up to number `last`. */
  watch(runId: string, last: number, lastAtMs: number | undefined): RedisTail
  leave(tail: RedisTail): void
  /** Reads hints of intents too, as long as somebody listens. */
  listen(): () => void
  close(): Promise<void>
}

export interface RedisReaderOptions {
  /** For blocking reads. */
  readonly reads: RedisConnection
  /** For the call that ends a blocking read. */
  readonly commands: RedisConnection
  readonly keys: RedisKeys
  readonly onHint: (runId: string) => void
}

/** A blocking read begins anew after that time, should the call that ends it be lost. */
const BLOCK_MS = 2000
/** How often the logs are compared with what was read of them, in case they were deleted or restored under us. */
const VERIFY_MS = 10_000
const VERIFY_RUNS = 500
/** Events that one read brings at most, shared by the streams: a run in a hurry leaves room for the others. */
const READ_EVENTS = 8192
const MIN_STREAM_EVENTS = 16
const MAX_STREAM_EVENTS = 256
const WAKE_KEY_MS = 60_000
/** Kept for readers who are a little behind; who is further behind reads from Redis. In characters, of a run and of all. */
const RECENT_EVENTS = { maxRunChars: 131_072, maxChars: 33_554_432 }
const LONGEST_WAIT_MS = 1000

export function createRedisReader({ reads, commands, keys, onHint }: RedisReaderOptions): RedisReader {
  const closing = new AbortController()
  const wakeKey = keys.wake(randomBytes(8).toString('hex'))
  /** By the names of their streams. */
  const tails = new Map<string, RedisTail>()
  const recent = createRecentEvents(RECENT_EVENTS)
  const followers = new Map<RedisTail, number>()
  /** Watched since the last comparison. */
  const unverified = new Set<RedisTail>()
  let verifiedGeneration = 0
  let verifiedMs = Number.NEGATIVE_INFINITY
  let listeners = 0
  let hintCursor = '0-0'
  let wakes = 0
  let isReading = false
  let isBlocked = false
  let reading = Promise.resolve()

  const isNeeded = (): boolean => (tails.size > 0 || listeners > 0) && !closing.signal.aborted

  /** There is something new to read for. */
  function onChanged(): void {
    if (!isReading) reading = readOn()
    else if (isBlocked) {
      isBlocked = false
      wakes++
      // Lost, it costs the rest of the blocking read.
      commands.run(WAKE, [wakeKey], [String(wakes), String(WAKE_KEY_MS)]).catch(() => undefined)
    }
  }

  async function readOn(): Promise<void> {
    isReading = true
    for (let failures = 0; isNeeded(); ) {
      try {
        await verify()
        await read()
        failures = 0
      } catch (error) {
        if (closing.signal.aborted) break
        // An outage is sat out; what no retry mends is told.
        if (!(error instanceof LogError)) for (const tail of tails.values()) fail(tail, error)
        await waitMs(Math.min(50 * 2 ** failures++, LONGEST_WAIT_MS), closing.signal)
      }
    }
    isReading = false
  }

  /** A new connection may lead to a server that was restored from an older copy. */
  async function verify(): Promise<void> {
    do {
      await reads.ready()
      const { generation } = reads
      const isAllDue = generation !== verifiedGeneration || performance.now() - verifiedMs > VERIFY_MS
      const due = [...(isAllDue ? tails.values() : unverified)]
      for (let i = 0; i < due.length; i += VERIFY_RUNS) await compare(due.slice(i, i + VERIFY_RUNS))
      for (const tail of due) unverified.delete(tail)
      if (!isAllDue) return
      verifiedGeneration = generation
      verifiedMs = performance.now()
    } while (reads.generation !== verifiedGeneration)
  }

  async function compare(some: readonly RedisTail[]): Promise<void> {
    const names = some.flatMap(({ runId }) => [keys.run(runId), keys.log(runId)])
    const ends = some.flatMap(({ last, lastAtMs }) => [String(last), String(lastAtMs ?? '')])
    const wrong = (await reads.run(VERIFY, names, ends)) as [number, ...RedisRefusal][]
    for (const [place, ...refusal] of wrong) {
      const tail = some[place - 1] as RedisTail
      fail(tail, refused(tail.runId, tail.last, refusal))
    }
  }

  async function read(): Promise<void> {
    const own = [wakeKey, ...(listeners > 0 ? [keys.hints] : [])]
    const ownCursors = [`0-${wakes}`, ...(listeners > 0 ? [hintCursor] : [])]
    const cursors = [...tails.values()].map(({ last }) => `0-${last}`)
    const count = Math.floor(READ_EVENTS / Math.max(1, tails.size))
    const streamEvents = Math.max(MIN_STREAM_EVENTS, Math.min(count, MAX_STREAM_EVENTS))
    // Those who came during the comparison are compared next.
    const blockMs = unverified.size > 0 ? 1 : BLOCK_MS
    const options = ['COUNT', String(streamEvents), 'BLOCK', String(blockMs)]
    isBlocked = true
    try {
      const command = ['XREAD', ...options, 'STREAMS', ...own, ...tails.keys(), ...ownCursors, ...cursors]
      const streams = streamsOf(await reads.send(command, blockMs))
      for (const [key, entries] of streams) take(key, entries)
    } finally {
      isBlocked = false
    }
  }

  function take(key: string, entries: readonly RedisEntry[]): void {
    if (key === keys.hints) {
      hintCursor = entries.at(-1)?.[0] ?? hintCursor
      for (const runId of new Set(entries.map(([, [, run = '']]) => run))) onHint(runId)
      return
    }
    const tail = tails.get(key)
    // Of a connection that nothing was compared with: the next read brings it again.
    if (!tail || reads.generation !== verifiedGeneration) return
    const hasEnded = endsRun(entries.at(-1) as RedisEntry)
    if (hasEnded) tails.delete(key)
    tail.push(entries.map(entryEvent), hasEnded)
  }

  function fail(tail: RedisTail, failure: unknown): void {
    forget(tail)
    tail.fail(failure)
  }

  function forget(tail: RedisTail): void {
    const key = keys.log(tail.runId)
    if (tails.get(key) === tail) tails.delete(key)
    unverified.delete(tail)
    followers.delete(tail)
    recent.drop(tail.runId)
  }

  return {
    watch(runId, last, lastAtMs) {
      const key = keys.log(runId)
      const known = tails.get(key)
      const tail = known ?? createRedisTail(runId, last, lastAtMs, recent)
      followers.set(tail, (followers.get(tail) ?? 0) + 1)
      if (known) return known
      // What a former tail left may be lost by now.
      recent.drop(runId)
      tails.set(key, tail)
      unverified.add(tail)
      onChanged()
      return tail
    },
    leave(tail) {
      const left = (followers.get(tail) ?? 0) - 1
      if (left > 0) followers.set(tail, left)
      else forget(tail)
    },
    listen() {
      listeners++
      if (listeners === 1) onChanged()
      let isListening = true
      return () => {
        if (isListening) listeners--
        isListening = false
      }
    },
    async close() {
      closing.abort()
      reads.destroy()
      for (const tail of followers.keys()) tail.wake()
      await reading
    },
  }
}
