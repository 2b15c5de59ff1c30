import { appendable } from './appendable.ts'
import type { LogEvent, LogPage } from './event-log.ts'
import { followPages } from './follow.ts'
import { createIntentListeners } from './intent-listeners.ts'
import { LogError } from './log-error.ts'
import { pageLength } from './page.ts'
import { createPageCache } from './page-cache.ts'
import { checkRecord } from './run-record.ts'
import type { RunInfo, RunRecord, RunStore } from './run-store.ts'
import { createRunTable, type TableRun } from './run-table.ts'
import { createWaiters, type Waiters } from './waiters.ts'

export interface MemoryLogOptions {
  /** How long a run is kept after its end, in milliseconds. Default: 24 hours. */
  readonly retentionMs?: number
  /** Milliseconds since the Unix epoch. Default: `Date.now`. */
  readonly now?: () => number
}

interface MemoryRun extends TableRun {
  readonly record: RunRecord
  /** Event number n is the nth. */
  readonly events: LogEvent[]
  readonly intents: Map<string, string>
  readonly waiters: Waiters
}

const MAX_PAGES = 64

/** Keeps runs in memory, for tests and for what may be lost with its process. Its size is that of its runs. */
export function memoryLog({ retentionMs, now }: MemoryLogOptions = {}): RunStore {
  const table = createRunTable<MemoryRun>({ retentionMs, now })
  const pages = createPageCache(MAX_PAGES)
  const listeners = createIntentListeners()
  let isClosed = false

  function checkOpen(): void {
    if (isClosed) throw new LogError('closed', 'The log was closed')
  }

  function pageOf(runId: string, after: number, limit?: number): LogPage {
    checkOpen()
    const { events, end } = table.get(runId)
    const last = events.length
    if (after > last) {
      throw new LogError(
        'rewound',
        `The log of run ${runId} ends with event ${last}, before event ${after}`,
        { last },
      )
    }
    const page = events.slice(after, after + pageLength(events, after, limit))
    return { events: page, last, hasEnded: end !== undefined }
  }

  return {
    async create(record, leaseMs) {
      checkOpen()
      checkRecord(record)
      const { runId, owner, idempotencyKey } = record
      const known = idempotencyKey !== undefined && table.findByKey(owner, idempotencyKey)
      if (known) return { run: infoOf(known) }
      if (table.find(runId)) throw new TypeError(`There is a run ${runId} already; a run id is used once`)
      const run: MemoryRun = {
        runId,
        owner,
        idempotencyKey,
        startedMs: Date.parse(record.startedAt),
        end: undefined,
        isSettled: false,
        epoch: 0,
        leaseEndsMs: 0,
        record,
        events: [],
        intents: new Map(),
        waiters: createWaiters(),
      }
      table.add(run)
      return { run: infoOf(run), epoch: table.lease(run, leaseMs).epoch }
    },

    async append(runId, epoch, events, end) {
      checkOpen()
      const run = table.getHeld(runId, epoch)
      const fresh = appendable({ runId, last: run.events.length, hasEnded: run.end !== undefined }, events)
      if (fresh.length === 0) return
      for (const event of fresh) run.events.push(event)
      if (end) table.end(run, end)
      run.waiters.wake()
    },

    async read(runId, after, limit) {
      return pageOf(runId, after, limit)
    },

    follow(runId, after, signal) {
      const source = {
        async page(cursor: number) {
          checkOpen()
          const { events } = table.get(runId)
          return pages.get(runId, cursor, events.length, async () => pageOf(runId, cursor))
        },
        async changed(last: number, stop: AbortSignal) {
          const run = table.find(runId)
          if (run && !isClosed && !run.end && run.events.length === last) await run.waiters.wait(stop)
        },
        isClosed: () => isClosed,
      }
      return followPages(source, after, signal)
    },

    async get(runId) {
      checkOpen()
      const run = table.find(runId)
      return run && infoOf(run)
    },

    async list(filter) {
      checkOpen()
      return table.list(filter).map(infoOf)
    },

    async claim(runId, leaseMs) {
      checkOpen()
      const run = table.findClaimable(runId)
      return run && table.lease(run, leaseMs)
    },

    async renew(leases, leaseMs) {
      checkOpen()
      return table.renew(leases, leaseMs)
    },

    async release(lease, isSettled) {
      checkOpen()
      const run = table.findHeld(lease)
      if (run?.end && isSettled) run.isSettled = true
      table.release(lease)
    },

    async claimable() {
      checkOpen()
      return table.claimable()
    },

    async putIntent(runId, name, value) {
      checkOpen()
      const { intents } = table.get(runId)
      const stored = intents.get(name)
      if (stored !== undefined) return stored
      intents.set(name, value)
      listeners.notify(runId)
      return value
    },

    async intents(runId) {
      checkOpen()
      return new Map(table.get(runId).intents)
    },

    onIntent: listeners.add,

    async close() {
      isClosed = true
      for (const { waiters } of table.runs) waiters.wake()
    },
  }
}

function infoOf({ record, events, end }: MemoryRun): RunInfo {
  return { ...record, last: events.length, ...(end && { end }) }
}
