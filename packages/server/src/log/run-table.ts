import type { RunEnd } from './event-log.ts'
import { LogError } from './log-error.ts'
import type { Lease, RunFilter } from './run-store.ts'

/** A run as the one process that keeps it knows it. */
export interface TableRun {
  readonly runId: string
  readonly owner: string
  readonly idempotencyKey: string | undefined
  readonly startedMs: number
  end: RunEnd | undefined
  isSettled: boolean
  /** The last one given out; 0 before the first. */
  epoch: number
  leaseEndsMs: number
}

/** The runs of a store that belongs to one process: who holds them, in what order they began, when they expire. */
export interface RunTable<R extends TableRun> {
  add(run: R): void
  find(runId: string): R | undefined
  /** Throws `not_found`. */
  get(runId: string): R
  /** Throws `not_found` and `fenced`. */
  getHeld(runId: string, epoch: number): R
  findByKey(owner: string, idempotencyKey: string): R | undefined
  list(filter: RunFilter): readonly R[]
  claimable(): readonly string[]
  /** Leases the run to a new holder. */
  lease(run: R, leaseMs: number): Lease
  /** The run, if its lease has run out and there is something left to do. */
  findClaimable(runId: string): R | undefined
  renew(leases: readonly Lease[], leaseMs: number): readonly Lease[]
  /** The run, unless the lease is lost. */
  findHeld(lease: Lease): R | undefined
  /** Gives a lease back, unless it is lost. */
  release(lease: Lease): void
  end(run: R, end: RunEnd): void
  readonly runs: Iterable<R>
}

export interface RunTableOptions<R> {
  /** How long a run is kept after its end. Default: 24 hours. */
  readonly retentionMs?: number | undefined
  /** Milliseconds since the Unix epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  readonly onExpired?: (run: R) => void
}

const DAY_MS = 86_400_000
const DEFAULT_LIMIT = 100

export function createRunTable<R extends TableRun>(options: RunTableOptions<R>): RunTable<R> {
  const { retentionMs = DAY_MS, now = Date.now, onExpired } = options
  if (!(retentionMs > 0)) {
    throw new TypeError(`"retentionMs" is ${retentionMs}; expected milliseconds, more than 0`)
  }
  const runs = new Map<string, R>()
  const byKey = new Map<string, R>()
  /** In order of their start. */
  let started: R[] = []
  /** In order of their end. */
  const ended: R[] = []

  const keyOf = (owner: string, key: string): string => JSON.stringify([owner, key])
  const startOf = (run: R): number => run.startedMs
  const endOf = (run: R): number => run.end?.atMs ?? 0
  const isClaimable = (run: R): boolean => !run.isSettled && run.leaseEndsMs <= now()

  function expire(): void {
    const expiredMs = now() - retentionMs
    const kept = ended.findIndex((run) => endOf(run) > expiredMs)
    const expired = ended.splice(0, kept < 0 ? ended.length : kept)
    if (expired.length === 0) return
    for (const run of expired) {
      runs.delete(run.runId)
      if (run.idempotencyKey !== undefined) byKey.delete(keyOf(run.owner, run.idempotencyKey))
    }
    started = started.filter(({ runId }) => runs.has(runId))
    for (const run of expired) onExpired?.(run)
  }

  function find(runId: string): R | undefined {
    expire()
    return runs.get(runId)
  }

  function findHeld({ runId, epoch }: Lease): R | undefined {
    const run = find(runId)
    return run?.epoch === epoch ? run : undefined
  }

  function get(runId: string): R {
    const run = find(runId)
    if (run) return run
    throw new LogError(
      'not_found',
      `There is no run ${JSON.stringify(runId.slice(0, 80))}: it never was, or it has expired`,
    )
  }

  return {
    add(run) {
      runs.set(run.runId, run)
      insertBy(started, run, startOf)
      if (run.end) insertBy(ended, run, endOf)
      if (run.idempotencyKey !== undefined) byKey.set(keyOf(run.owner, run.idempotencyKey), run)
    },
    find,
    get,
    getHeld(runId, epoch) {
      const run = get(runId)
      if (run.epoch === epoch) return run
      throw new LogError('fenced', `The run ${runId} was taken over: its epoch is ${run.epoch}, not ${epoch}`)
    },
    findByKey(owner, idempotencyKey) {
      expire()
      return byKey.get(keyOf(owner, idempotencyKey))
    },
    list({ owner, status, sinceMs = -Infinity, beforeMs = Infinity, limit = DEFAULT_LIMIT }) {
      expire()
      const listed: R[] = []
      for (let i = started.length - 1; i >= 0 && listed.length < limit; i--) {
        const run = started[i] as R
        if (run.startedMs < sinceMs) break
        if (run.startedMs >= beforeMs || (owner !== undefined && run.owner !== owner)) continue
        if (status === undefined || (status === 'ended') === (run.end !== undefined)) listed.push(run)
      }
      return listed
    },
    claimable() {
      expire()
      return started.filter(isClaimable).map(({ runId }) => runId)
    },
    lease(run, leaseMs) {
      run.epoch++
      run.leaseEndsMs = now() + leaseMs
      return { runId: run.runId, epoch: run.epoch }
    },
    findClaimable(runId) {
      const run = find(runId)
      return run && isClaimable(run) ? run : undefined
    },
    renew(leases, leaseMs) {
      return leases.filter((lease) => {
        const run = findHeld(lease)
        if (!run) return true
        run.leaseEndsMs = now() + leaseMs
        return false
      })
    },
    findHeld,
    release(lease) {
      const run = findHeld(lease)
      if (run) run.leaseEndsMs = Number.NEGATIVE_INFINITY
    },
    end(run, end) {
      run.end = end
      insertBy(ended, run, endOf)
    },
    get runs() {
      return started
    },
  }
}

/** Most arrive in order: looked for from the end. */
function insertBy<T>(list: T[], item: T, by: (item: T) => number): void {
  let i = list.length
  while (i > 0 && by(list[i - 1] as T) > by(item)) i--
  list.splice(i, 0, item)
}
