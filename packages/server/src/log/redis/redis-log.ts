import { appendable } from '../appendable.ts'
import { type LogEvent, type LogPage, MAX_PAGE_CHARS, type RunEnd } from '../event-log.ts'
import { createIntentListeners } from '../intent-listeners.ts'
import { PAGE_EVENTS } from '../page.ts'
import { isRunId } from '../run-record.ts'
import type { RunStore } from '../run-store.ts'
import type { RedisClient } from './redis-client.ts'
import { createRedisConnection } from './redis-connection.ts'
import { entryEvent, type RedisEntry } from './redis-entry.ts'
import { createRedisFollow } from './redis-follow.ts'
import { redisKeys } from './redis-keys.ts'
import { APPEND, READ, VERIFY, WAKE } from './redis-log-scripts.ts'
import { createRedisReader } from './redis-reader.ts'
import { notFound, type RedisRefusal, refused } from './redis-refusal.ts'
import { createRedisRuns, RUN_SCRIPTS } from './redis-runs.ts'

export interface RedisLogOptions {
  /** What the names of all keys begin with. Default: `agent-stream`. */
  readonly prefix?: string
  /** How long a run is kept after its end, in milliseconds. Default: 24 hours. */
  readonly retentionMs?: number
  /** How long Redis may take to answer, or to come back, before a call rejects with `unavailable`. Default: 2,000. */
  readonly commandTimeoutMs?: number
}

const DAY_MS = 86_400_000
const COMMAND_TIMEOUT_MS = 2000
/** Three hundred years; Redis adds it to the time. */
const LONGEST_MS = 1e13

/**
 * Keeps runs in Redis (6.2 or later) or Valkey, for any number of processes. `client` says how to connect and is not
 * used otherwise, connected or not: the log opens two connections like it, one of them for blocking reads, and closes
 * them with `close`. Redis Cluster is not supported.
 *
 * What is acknowledged is as safe as Redis keeps it: `appendonly yes`, with `appendfsync always` against power loss,
 * and `maxmemory-policy noeviction`. Runs that have ended expire; nothing else is ever deleted.
 */
export function redisLog(client: RedisClient, options: RedisLogOptions = {}): RunStore {
  const { prefix = 'agent-stream' } = options
  const retentionMs = positiveMs('retentionMs', options.retentionMs ?? DAY_MS)
  const timeoutMs = positiveMs('commandTimeoutMs', options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS)
  const keys = redisKeys(prefix)
  const commands = createRedisConnection(client, timeoutMs, [APPEND, READ, WAKE, ...RUN_SCRIPTS])
  const listeners = createIntentListeners()
  const reader = createRedisReader({
    reads: createRedisConnection(client, timeoutMs, [VERIFY]),
    commands,
    keys,
    onHint: listeners.notify,
  })
  let isClosed = false

  async function append(runId: string, epoch: number, events: readonly LogEvent[], end?: RunEnd) {
    const first = events[0]?.seq ?? 1
    // Checks their numbers; what of them is new, Redis knows.
    const { length } = appendable({ runId, last: first - 1, hasEnded: false }, events)
    if (!isRunId(runId)) throw notFound(runId)
    const names = [keys.run(runId), keys.log(runId), ...(end ? [keys.intents(runId), keys.expiring] : [])]
    const args = [String(epoch), String(first), String(length)]
    for (const { event, data, atMs } of events) args.push(event, data, String(atMs))
    if (end) args.push(String(end.atMs), end.outcome, String(retentionMs))
    const reply = (await commands.run(APPEND, names, args)) as readonly ['ok'] | RedisRefusal
    if (reply[0] !== 'ok') throw refused(runId, first - 1, reply)
  }

  async function read(runId: string, after: number, limit = PAGE_EVENTS): Promise<LogPage> {
    if (!isRunId(runId)) throw notFound(runId)
    const args = [String(after), String(limit), String(MAX_PAGE_CHARS)]
    const reply = (await commands.run(READ, [keys.run(runId), keys.log(runId)], args)) as
      | readonly ['ok', last: number, hasEnded: 0 | 1, readonly RedisEntry[]]
      | RedisRefusal
    if (reply[0] !== 'ok') throw refused(runId, after, reply)
    return { events: reply[3].map(entryEvent), last: reply[1], hasEnded: reply[2] === 1 }
  }

  return {
    ...createRedisRuns(commands, keys),
    append,
    read,
    follow: createRedisFollow({ reader, read, isClosed: () => isClosed }),

    onIntent(runId, listener) {
      const stopListening = reader.listen()
      const stop = listeners.add(runId, listener)
      return () => {
        stop()
        stopListening()
      }
    },

    async close() {
      isClosed = true
      await Promise.all([reader.close(), commands.close()])
    },
  }
}

function positiveMs(name: string, value: number): number {
  if (value > 0) return Math.min(Math.ceil(value), LONGEST_MS)
  throw new TypeError(`"${name}" is ${value}; expected milliseconds, more than 0`)
}
