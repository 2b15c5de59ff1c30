import type { Clock } from '../emit/clock.ts'
import type { CurrentFile, RecordFiles } from './record-files.ts'

/** What the writer knows of a session. */
export interface RecordedSession {
  /** The header, without its line end; `part` from 2 on in further files. */
  header(part: number): string
  /** The file that has the header, by its number, and how many have. */
  fileNumber: number
  parts: number
}

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

interface Entry {
  readonly session: RecordedSession
  readonly line: string
  readonly bytes: number
  readonly isEvent: boolean
}

/** What is on its way to the disk. */
interface Batch {
  readonly to: CurrentFile
  bytes: Uint8Array
  readonly queuedBytes: number
  readonly events: number
}

/** How long lines are collected: a crash loses at most these, and what the disk is taking in. */
const COLLECT_MS = 20
/** So much does not wait to be written. */
const DUE_BYTES = 2 ** 18
/** What is written at once when more has come than the disk took in. */
const MAX_BATCH_BYTES = 2 ** 22
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
  #queue: Entry[] = []
  /** The first entry of the queue that is not in a batch. */
  #next = 0
  #batch: Batch | undefined
  #queuedBytes = 0
  #written = 0
  #dropped = 0
  #errors = 0
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
      queuedBytes: this.#queuedBytes,
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
    this.#dropped += this.#queue.slice(this.#next).filter(({ isEvent }) => isEvent).length
    this.#dropped += this.#batch?.events ?? 0
    this.#queue = []
    this.#next = 0
    this.#queuedBytes = 0
  }

  async #drain(): Promise<void> {
    await this.#writing
    // Once more, if the disk is the matter.
    await this.#write()
    await this.#files.close().catch((error) => this.#fail(error))
  }

  #push(session: RecordedSession, line: string, isEvent: boolean, maxBytes: number): boolean {
    const bytes = Buffer.byteLength(line) + 1
    if (this.#isClosed || this.#queuedBytes + bytes > maxBytes) return false
    this.#queue.push({ session, line, bytes, isEvent })
    this.#queuedBytes += bytes
    this.#schedule()
    return true
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
    return this.#queuedBytes >= DUE_BYTES ? 0 : COLLECT_MS
  }

  #start(): void {
    this.#timer = undefined
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (this.#batch || this.#next < this.#queue.length) this.#schedule()
    })
  }

  /** Writes what waits now, and what comes meanwhile if it is much. */
  async #write(): Promise<void> {
    try {
      do {
        this.#batch ??= await this.#nextBatch()
        if (this.#batch) await this.#writeBatch(this.#batch)
        this.#failures = 0
      } while (this.#queuedBytes >= DUE_BYTES || (this.#isClosed && this.#queuedBytes > 0))
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
    this.#batch = undefined
    this.#queuedBytes = Math.max(0, this.#queuedBytes - batch.queuedBytes)
    this.#written += batch.events
  }

  /** What of the queue goes into one file, with the headers that it lacks. */
  async #nextBatch(): Promise<Batch | undefined> {
    const first = this.#queue[this.#next]
    if (!first) return undefined
    const to = await this.#files.current(first.bytes)
    const lines: string[] = []
    let bytes = 0
    let queuedBytes = 0
    let events = 0
    for (; this.#next < this.#queue.length && bytes < MAX_BATCH_BYTES; this.#next++) {
      const entry = this.#queue[this.#next] as Entry
      const header = headerFor(entry.session, to)
      const size = entry.bytes + Buffer.byteLength(header)
      // The first one fits, but for its header.
      if (bytes > 0 && this.#files.isFull(to, bytes + size)) break
      if (header !== '') entry.session.parts++
      entry.session.fileNumber = to.number
      lines.push(header, entry.line, '\n')
      bytes += size
      queuedBytes += entry.bytes
      if (entry.isEvent) events++
    }
    this.#forgetTaken()
    return { to, bytes: Buffer.from(lines.join('')), queuedBytes, events }
  }

  #forgetTaken(): void {
    if (this.#next < this.#queue.length && this.#next < 4096) return
    this.#queue = this.#queue.slice(this.#next)
    this.#next = 0
  }

  #fail(error: unknown): void {
    this.#errors++
    this.#onError(error)
  }
}

function headerFor(session: RecordedSession, { number }: CurrentFile): string {
  return session.fileNumber === number ? '' : `${session.header(session.parts + 1)}\n`
}
