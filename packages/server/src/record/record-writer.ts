import type { Clock } from '../emit/clock.ts'
import type { RecordFiles } from './record-files.ts'
import { type Batch, type RecordedSession, RecordQueue } from './record-queue.ts'

export interface RecorderStats {
  /** Events that are in the file. */
  readonly written: number
  /** Events that are not, since the disk could not take them or since they could not be read. */
  readonly dropped: number
  /** Failures: of the disk, and of events that could not be read. */
  readonly errors: number
  /** What waits for the disk, in bytes. */
  readonly queuedBytes: number
}

/** How long lines are collected: a crash loses at most these, and what the disk is taking in. */
const COLLECT_MS = 20
/** So much does not wait to be written. */
const DUE_BYTES = 2 ** 18
const RETRY_MS = 100
const MAX_RETRY_MS = 5000
/** Room for the ends of sessions when the queue is full of events. */
const RESERVE = 1.25

/** Writes lines in the background. What the disk does not take in time is dropped and counted: nobody waits for it. */
export class RecordWriter {
  readonly #files: RecordFiles
  readonly #maxQueueBytes: number
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #queue = new RecordQueue()
  #batch: Batch | undefined
  #written = 0
  #dropped = 0
  #errors = 0
  /** In a row, of the disk. */
  #failures = 0
  #timer: unknown
  /** Whether the timer waits for nothing. */
  #isDue = false
  #writing: Promise<void> | undefined
  #isClosed = false

  constructor(files: RecordFiles, maxQueueBytes: number, clock: Clock, onError: (error: unknown) => void) {
    this.#files = files
    this.#maxQueueBytes = maxQueueBytes
    this.#clock = clock
    this.#onError = onError
  }

  get stats(): RecorderStats {
    return {
      written: this.#written,
      dropped: this.#dropped,
      errors: this.#errors,
      queuedBytes: this.#queue.sizeBytes,
    }
  }

  /** Takes an event's line; false if it was dropped. */
  event(session: RecordedSession, line: string): boolean {
    const isTaken = this.#push(session, line, true, this.#maxQueueBytes)
    if (!isTaken) this.#dropped++
    return isTaken
  }

  /** Takes the line that closes a session. */
  end(session: RecordedSession, line: string): void {
    this.#push(session, line, false, this.#maxQueueBytes * RESERVE)
  }

  /** Counts an event that has no line. */
  lost(error: unknown): void {
    this.#dropped++
    this.#fail(error)
  }

  /** Writes what waits, for at most `drainMs`; what is left then is dropped. */
  async close(drainMs: number): Promise<void> {
    this.#isClosed = true
    this.#clock.clearTimeout(this.#timer)
    let timer: unknown
    const isLate = new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(resolve, drainMs)
    })
    await Promise.race([this.#drain(), isLate])
    this.#clock.clearTimeout(timer)
    this.#dropped += this.#queue.clear() + (this.#batch?.events ?? 0)
    this.#batch = undefined
  }

  async #drain(): Promise<void> {
    await this.#writing
    // Once more, if the disk is the matter.
    await this.#write()
    await this.#files.close().catch((error) => this.#fail(error))
  }

  #push(session: RecordedSession, line: string, isEvent: boolean, maxBytes: number): boolean {
    const isTaken = !this.#isClosed && this.#queue.push({ session, line, isEvent }, maxBytes)
    if (isTaken) this.#schedule()
    return isTaken
  }

  #schedule(): void {
    if (this.#writing || this.#isClosed) return
    const delayMs = this.#delayMs()
    if (this.#timer !== undefined && (delayMs > 0 || this.#isDue)) return
    this.#clock.clearTimeout(this.#timer)
    this.#isDue = delayMs === 0
    this.#timer = this.#clock.setTimeout(() => this.#start(), delayMs)
    // A disk that is full must not keep the process alive.
    if (this.#failures > 0) (this.#timer as { unref?: () => void }).unref?.()
  }

  #delayMs(): number {
    if (this.#failures > 0) return Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (this.#failures - 1))
    return this.#queue.sizeBytes >= DUE_BYTES ? 0 : COLLECT_MS
  }

  #start(): void {
    this.#timer = undefined
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (this.#batch || !this.#queue.isEmpty) this.#schedule()
    })
  }

  /** Writes what waits now, and what comes meanwhile if it is much. */
  async #write(): Promise<void> {
    try {
      do {
        this.#batch ??= await this.#queue.nextBatch(this.#files)
        if (this.#batch) await this.#writeBatch(this.#batch)
        this.#failures = 0
      } while (this.#queue.sizeBytes >= DUE_BYTES || (this.#isClosed && !this.#queue.isEmpty))
    } catch (error) {
      // One report for one outage.
      if (++this.#failures === 1) this.#fail(error)
      else this.#errors++
    }
  }

  async #writeBatch(batch: Batch): Promise<void> {
    while (batch.bytes.length > 0) {
      const count = await batch.to.file.write(batch.bytes)
      if (count === 0) throw new Error(`${batch.to.path} takes no more bytes`)
      // What was written stays written: the next try goes on behind it.
      batch.bytes = batch.bytes.subarray(count)
      batch.to.sizeBytes += count
    }
    // Given up by `close`, and counted as dropped.
    if (this.#batch !== batch) return
    this.#batch = undefined
    this.#queue.settle(batch)
    this.#written += batch.events
  }

  #fail(error: unknown): void {
    this.#errors++
    this.#onError(error)
  }
}
