import type { LogEvent, RunEnd } from '../event-log.ts'
import { followPages } from '../follow.ts'
import { createIntentListeners } from '../intent-listeners.ts'
import { LogError } from '../log-error.ts'
import { checkRecord } from '../run-record.ts'
import type { Lease, RunInfo, RunRecord, RunStore } from '../run-store.ts'
import { createRunTable } from '../run-table.ts'
import { type ControlFile, FIRST_EPOCH, newControlFile, readControlFile } from './control-file.ts'
import { engineError } from './engine-error.ts'
import type { FileRun } from './file-run.ts'
import type { LogDamage } from './log-damage.ts'
import { createRunFeed } from './run-feed.ts'
import type { RunFolder } from './run-folder.ts'

export interface FileStoreOptions {
  readonly folder: RunFolder
  readonly retentionMs: number | undefined
  readonly now: (() => number) | undefined
  readonly onDamage: (damage: LogDamage) => void
  /** Called when everything is closed. */
  readonly onClosed: () => void
}

type Created = Awaited<ReturnType<RunStore['create']>>

/** The runs of a folder that this process has for itself. */
export function createFileStore(options: FileStoreOptions): RunStore {
  const { folder, retentionMs, now, onDamage, onClosed } = options
  const table = createRunTable<FileRun>({ retentionMs, now, onExpired: forget })
  const feed = createRunFeed({ files: folder.context.files, onDamage })
  const listeners = createIntentListeners()
  /** Runs on their way to the disk, by owner and idempotency key. */
  const creating = new Map<string, Promise<Created>>()
  let closing: Promise<void> | undefined

  for (const run of folder.recover()) table.add(run)

  function checkOpen(): void {
    if (closing) throw new LogError('closed', 'The log was closed')
  }

  function forget(run: FileRun): void {
    feed.drop(run)
    // What cannot be removed now is found expired, and removed, when the folder is opened again.
    folder.remove(run).catch(() => undefined)
  }

  function onCommitted(run: FileRun, events: readonly LogEvent[], end: RunEnd | undefined): void {
    if (end) table.end(run, end)
    feed.push(run, events)
  }

  function controlOf(run: FileRun): Promise<ControlFile> {
    const path = folder.controlPath(run.runId)
    run.control ??= readControlFile({ path, onDamage, context: folder.context }).catch((cause) => {
      run.control = undefined
      throw cause
    })
    return run.control
  }

  async function infoOf(run: FileRun): Promise<RunInfo> {
    const { runId, owner, startedAt, bodyHash, idempotencyKey, last, end } = run
    const input = await attempt(`read run ${runId}`, () => feed.input(run))
    const key = idempotencyKey !== undefined && { idempotencyKey }
    return { runId, owner, startedAt, input, bodyHash, ...key, last, ...(end && { end }) }
  }

  async function create(record: RunRecord, leaseMs: number): Promise<Created> {
    const run = folder.newRun(record)
    const { runId } = record
    try {
      await run.storeHeader(record)
    } catch (cause) {
      await folder.remove(run).catch(() => undefined)
      throw engineError(`store run ${runId}`, cause)
    }
    run.epoch = FIRST_EPOCH - 1
    run.control = Promise.resolve(
      newControlFile({ path: folder.controlPath(runId), onDamage, context: folder.context }),
    )
    table.add(run)
    const { epoch } = table.lease(run, leaseMs)
    return { run: { ...record, last: 0 }, epoch }
  }

  return {
    async create(record, leaseMs) {
      checkOpen()
      checkRecord(record)
      const { runId, owner, idempotencyKey } = record
      const key = idempotencyKey === undefined ? runId : JSON.stringify([owner, idempotencyKey])
      // Whoever comes second waits for what becomes of the first.
      for (let other = creating.get(key); other; other = creating.get(key)) await other.catch(() => undefined)
      checkOpen()
      const known = idempotencyKey !== undefined && table.findByKey(owner, idempotencyKey)
      if (known) return { run: await infoOf(known) }
      if (table.find(runId)) throw new TypeError(`There is a run ${runId} already; a run id is used once`)
      const created = create(record, leaseMs).finally(() => creating.delete(key))
      creating.set(key, created)
      return created
    },

    async append(runId, epoch, events, end) {
      checkOpen()
      const run = table.getHeld(runId, epoch)
      await attempt(`write the log of run ${runId}`, () =>
        run.append(events, end, (fresh) => onCommitted(run, fresh, end)),
      )
    },

    async read(runId, after, limit) {
      checkOpen()
      const run = table.get(runId)
      return attempt(`read the log of run ${runId}`, () => feed.read(run, after, limit))
    },

    follow(runId, after, signal) {
      const source = {
        async page(cursor: number) {
          checkOpen()
          const run = table.get(runId)
          return attempt(`read the log of run ${runId}`, () => feed.readShared(run, cursor))
        },
        async changed(last: number, stop: AbortSignal) {
          const run = table.find(runId)
          if (run && !closing && !run.end && run.last === last) await run.waiters.wait(stop)
        },
        isClosed: () => closing !== undefined,
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
      return Promise.all(table.list(filter).map(infoOf))
    },

    async claim(runId, leaseMs) {
      checkOpen()
      const run = table.findClaimable(runId)
      return run && attempt(`take run ${runId}`, () => take(run, leaseMs))
    },

    async renew(leases, leaseMs) {
      checkOpen()
      return table.renew(leases, leaseMs)
    },

    async release(lease, isSettled) {
      checkOpen()
      const run = table.findHeld(lease)
      const end = run?.end
      if (end && isSettled && !run.isSettled) {
        await attempt(`write the log of run ${run.runId}`, () => run.storeSettled(end))
        run.isSettled = true
      }
      table.release(lease)
    },

    async claimable() {
      checkOpen()
      return table.claimable()
    },

    async putIntent(runId, name, value) {
      checkOpen()
      const run = table.get(runId)
      return attempt(`store what was asked of run ${runId}`, async () => {
        const control = await controlOf(run)
        if (control.intents.has(name)) return control.storeIntent(name, value)
        const stored = await control.storeIntent(name, value)
        listeners.notify(runId)
        return stored
      })
    },

    async intents(runId) {
      checkOpen()
      const run = table.get(runId)
      return attempt(
        `read what was asked of run ${runId}`,
        async () => new Map((await controlOf(run)).intents),
      )
    },

    onIntent: listeners.add,

    close() {
      closing ??= close()
      return closing
    },
  }

  async function take(run: FileRun, leaseMs: number): Promise<Lease> {
    // Nobody else may take it meanwhile.
    run.leaseEndsMs = Number.POSITIVE_INFINITY
    try {
      const control = await controlOf(run)
      if (Number.isNaN(run.epoch)) run.epoch = control.epoch
      const lease = table.lease(run, Number.POSITIVE_INFINITY)
      await control.storeEpoch(lease.epoch)
      // What the former holder had begun to append is there, or is not, before the next one reads.
      await run.idle()
      table.renew([lease], leaseMs)
      return lease
    } catch (cause) {
      run.leaseEndsMs = Number.NEGATIVE_INFINITY
      throw cause
    }
  }

  async function close(): Promise<void> {
    for (const { waiters } of table.runs) waiters.wake()
    await folder.close()
    onClosed()
  }
}

async function attempt<T>(doing: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    if (cause instanceof TypeError) throw cause
    throw engineError(doing, cause)
  }
}
