import { appendable, type LogPosition } from '../appendable.ts'
import type { LogEvent, RunEnd } from '../event-log.ts'
import type { RunRecord } from '../run-store.ts'
import type { TableRun } from '../run-table.ts'
import { createWaiters, type Waiters } from '../waiters.ts'
import { type AppendContext, AppendFile } from './append-file.ts'
import type { ControlFile } from './control-file.ts'
import type { RecoveredRun } from './recover-run.ts'
import { type RunClock, runEnd, runEvent, runHeader } from './run-lines.ts'

/** Longer ones are read again when they are asked for. */
const MAX_KEPT_INPUT_CHARS = 1024

export interface FileRunOptions extends RecoveredRun {
  readonly path: string
  readonly context: AppendContext
  readonly isNew?: boolean
}

/** One run of a folder: what is known of it without reading, and its file. */
export class FileRun implements TableRun, RunClock {
  readonly runId: string
  readonly owner: string
  readonly idempotencyKey: string | undefined
  readonly startedMs: number
  readonly startedAt: string
  readonly bodyHash: string
  /** Absent if it is long. */
  readonly input: string | undefined
  headerBytes: number
  readonly waiters: Waiters = createWaiters()
  end: RunEnd | undefined
  isSettled: boolean
  /** Unknown, and nobody's, until it is read. */
  epoch = Number.NaN
  leaseEndsMs = Number.NEGATIVE_INFINITY
  control: Promise<ControlFile> | undefined
  /** What readers see. */
  last: number
  /** With what is on its way to the disk. */
  #accepted: LogPosition
  #file: AppendFile
  #lastAppend: Promise<void> = Promise.resolve()

  constructor({ record, path, context, isNew, ...run }: FileRunOptions) {
    this.runId = record.runId
    this.owner = record.owner
    this.idempotencyKey = record.idempotencyKey
    this.startedAt = record.startedAt
    this.startedMs = Date.parse(record.startedAt)
    this.bodyHash = record.bodyHash
    this.input = record.input.length <= MAX_KEPT_INPUT_CHARS ? record.input : undefined
    this.headerBytes = run.headerBytes
    this.end = run.end
    this.isSettled = run.isSettled
    this.last = run.last
    this.#accepted = this.#committed()
    this.#file = new AppendFile(context, {
      path,
      sizeBytes: run.sizeBytes,
      repair: run.repair,
      isNew: isNew ?? false,
      onFailed: () => {
        this.#accepted = this.#committed()
      },
    })
  }

  get path(): string {
    return this.#file.path
  }

  /** Where the events stand that readers may see, in bytes. */
  get range(): { readonly start: number; readonly end: number } {
    return { start: this.headerBytes, end: this.#file.sizeBytes }
  }

  /** Resolves when the events are committed. `onCommitted` is called before anybody else can see them. */
  append(
    events: readonly LogEvent[],
    end: RunEnd | undefined,
    onCommitted: (events: readonly LogEvent[]) => void,
  ): Promise<void> {
    const fresh = appendable(this.#accepted, events)
    const last = fresh.at(-1)
    // All of it is stored, or on its way.
    if (!last) return (events.at(-1)?.seq ?? 0) > this.last ? this.#lastAppend : Promise.resolve()
    this.#accepted = { runId: this.runId, last: last.seq, hasEnded: end !== undefined }
    const text = fresh
      .map((event) => runEvent(this, event, event === last ? end?.outcome : undefined))
      .join('')
    this.#lastAppend = this.#file.append(end ? text + runEnd(this, end, false) : text, () => {
      this.last = last.seq
      onCommitted(fresh)
    })
    return this.#lastAppend
  }

  async storeHeader(record: RunRecord): Promise<void> {
    const text = runHeader(record)
    await this.#file.append(text)
    this.headerBytes = Buffer.byteLength(text)
  }

  /** Says in the file that nothing is left to do for the run. */
  async storeSettled(end: RunEnd): Promise<void> {
    await this.#file.append(runEnd(this, end, true))
  }

  /** Resolves when nothing is on its way to the disk. */
  idle(): Promise<void> {
    return this.#file.idle()
  }

  #committed(): LogPosition {
    return { runId: this.runId, last: this.last, hasEnded: this.end !== undefined }
  }
}
