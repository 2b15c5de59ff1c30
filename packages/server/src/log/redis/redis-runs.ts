import type { EventLog } from '../event-log.ts'
import { checkRecord, isRunId } from '../run-record.ts'
import type { RunFilter, RunInfo, RunRecord, RunStore } from '../run-store.ts'
import type { RedisConnection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { notFound } from './redis-refusal.ts'
import {
  CLAIM,
  CLAIMABLE,
  CREATE,
  INTENTS,
  LIST,
  PUT_INTENT,
  RELEASE,
  RENEW,
  RUN_FIELDS,
} from './redis-run-scripts.ts'

export const RUN_SCRIPTS = [CREATE, LIST, CLAIM, RENEW, RELEASE, CLAIMABLE, PUT_INTENT, INTENTS]

const DEFAULT_LIMIT = 100
const LIST_PAGE = 200
const RENEW_LEASES = 500
/** Those beyond are claimable next time. */
const MAX_CLAIMABLE = 1000
const MAX_HINTS = 1000
const HINTS_KEPT_MS = 60_000

/** What concerns runs as such. */
export function createRedisRuns(
  commands: RedisConnection,
  keys: RedisKeys,
): Omit<RunStore, keyof EventLog | 'onIntent'> {
  async function page(filter: RunFilter, offset: number, size: number): Promise<ListReply> {
    const { owner, status = '', sinceMs, beforeMs } = filter
    const from = beforeMs === undefined ? '+inf' : `(${beforeMs}`
    const to = sinceMs === undefined ? '-inf' : String(sinceMs)
    const args = [keys.runs, from, to, String(offset), String(size), status]
    return (await commands.run(LIST, [keys.started(owner)], args)) as ListReply
  }

  return {
    async create(record, leaseMs) {
      checkRecord(record)
      const { runId, owner, startedAt, idempotencyKey } = record
      const keyName = idempotencyKey === undefined ? [] : [keys.idempotency(owner, idempotencyKey)]
      const names = [
        keys.run(runId),
        keys.started(),
        keys.started(owner),
        keys.unsettled,
        keys.expiring,
        ...keyName,
      ]
      const args = [
        keys.runs,
        runId,
        String(Date.parse(startedAt)),
        String(leaseMs),
        ...fieldsOf(record, keyName),
      ]
      const [answer, known] = (await commands.run(CREATE, names, args)) as CreateReply
      if (answer === 'known') return { run: runInfo(known) }
      if (answer === 'used') throw new TypeError(`There is a run ${runId} already; a run id is used once`)
      return { run: { ...record, last: 0 }, epoch: 1 }
    },

    async get(runId) {
      if (!isRunId(runId)) return undefined
      const run = (await commands.send(['HMGET', keys.run(runId), ...RUN_FIELDS])) as StoredRun
      return run[0] === null ? undefined : runInfo(run)
    },

    async list(filter) {
      const { limit = DEFAULT_LIMIT } = filter
      // A run that started meanwhile moves the others on: by their ids, none is listed twice.
      const listed = new Map<string, RunInfo>()
      for (let offset = 0; listed.size < limit; ) {
        const size = Math.min(LIST_PAGE, filter.status ? LIST_PAGE : limit - listed.size)
        const [seen, gone, runs] = await page(filter, offset, size)
        for (const run of runs) listed.set(run[0], runInfo(run))
        offset += seen - gone
        if (seen < size) break
      }
      return [...listed.values()].slice(0, limit)
    },

    async claim(runId, leaseMs) {
      if (!isRunId(runId)) return undefined
      const names = [keys.run(runId), keys.unsettled]
      const epoch = (await commands.run(CLAIM, names, [runId, String(leaseMs)])) as number | null
      return epoch === null ? undefined : { runId, epoch }
    },

    async renew(leases, leaseMs) {
      const lost = []
      for (let i = 0; i < leases.length; i += RENEW_LEASES) {
        const some = leases.slice(i, i + RENEW_LEASES)
        const names = [keys.unsettled, ...some.map(({ runId }) => keys.run(runId))]
        const args = [String(leaseMs), ...some.flatMap(({ runId, epoch }) => [runId, String(epoch)])]
        const places = new Set((await commands.run(RENEW, names, args)) as number[])
        lost.push(...some.filter((_, place) => places.has(place + 1)))
      }
      return lost
    },

    async release({ runId, epoch }, isSettled) {
      if (!isRunId(runId)) return
      const args = [runId, String(epoch), isSettled ? '1' : '0']
      await commands.run(RELEASE, [keys.run(runId), keys.unsettled], args)
    },

    async claimable() {
      const names = [keys.unsettled, keys.started(), keys.expiring]
      return (await commands.run(CLAIMABLE, names, [keys.runs, String(MAX_CLAIMABLE)])) as string[]
    },

    async putIntent(runId, name, value) {
      if (!isRunId(runId)) throw notFound(runId)
      const names = [keys.run(runId), keys.intents(runId), keys.hints]
      const args = [runId, name, value, String(MAX_HINTS), String(HINTS_KEPT_MS)]
      const [answer, stored] = (await commands.run(PUT_INTENT, names, args)) as [string, string]
      if (answer !== 'ok') throw notFound(runId)
      return stored
    },

    async intents(runId) {
      if (!isRunId(runId)) throw notFound(runId)
      const names = [keys.run(runId), keys.intents(runId)]
      const [answer, stored] = (await commands.run(INTENTS, names, [])) as [string, readonly string[]]
      if (answer !== 'ok') throw notFound(runId)
      const intents = new Map<string, string>()
      for (let i = 0; i < stored.length; i += 2) intents.set(stored[i] as string, stored[i + 1] as string)
      return intents
    },
  }
}

/** The values of `RUN_FIELDS`. */
type StoredRun = readonly [
  runId: string,
  owner: string,
  startedAt: string,
  input: string,
  bodyHash: string,
  key: string | null,
  last: string,
  endedAt: string | null,
  outcome: string | null,
]
type ListReply = readonly [seen: number, gone: number, runs: readonly StoredRun[]]
type CreateReply = readonly [answer: 'created' | 'used' | 'known', run: StoredRun]

function fieldsOf(record: RunRecord, [keyName]: readonly string[]): string[] {
  const { runId, owner, startedAt, input, bodyHash, idempotencyKey } = record
  const fields = [
    'run_id',
    runId,
    'owner',
    owner,
    'started_at',
    startedAt,
    'input',
    input,
    'body_hash',
    bodyHash,
  ]
  if (idempotencyKey !== undefined && keyName) fields.push('key', idempotencyKey, 'key_name', keyName)
  return fields
}

function runInfo(stored: StoredRun): RunInfo {
  const [runId, owner, startedAt, input, bodyHash, idempotencyKey, last, endedAt, outcome] = stored
  return {
    runId,
    owner,
    startedAt,
    input,
    ...(idempotencyKey !== null && { idempotencyKey }),
    bodyHash,
    last: Number(last),
    ...(endedAt !== null && { end: { atMs: Number(endedAt), outcome: outcome ?? '' } }),
  }
}
