import type { CurrentFile, RecordFiles } from './record-files.ts'

/** What the queue knows of a session. */
export interface RecordedSession {
  /** The header, without its line end; `part` from 2 on in further files. */
  header(part: number): string
  /** The file that has the header, by its number, and how many have. */
  fileNumber: number
  parts: number
}

export interface QueuedLine {
  readonly session: RecordedSession
  /** Without its line end. */
  readonly line: string
  readonly isEvent: boolean
}

/** What is on its way to the disk. */
export interface Batch {
  readonly to: CurrentFile
  /** What is not written yet. */
  bytes: Uint8Array
  /** What it took of the queue's limit. */
  readonly queuedBytes: number
  readonly events: number
}

/** What is written at once when more has come than the disk took in. */
const MAX_BATCH_BYTES = 2 ** 22

interface Entry extends QueuedLine {
  readonly bytes: number
}

/** The lines that wait for the disk. */
export class RecordQueue {
  #entries: Entry[] = []
  /** The first entry that is not in a batch. */
  #next = 0
  #sizeBytes = 0

  /** With the batch that is being written. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get isEmpty(): boolean {
    return this.#next === this.#entries.length
  }

  /** False if it would be more than `maxBytes` then. */
  push(queued: QueuedLine, maxBytes: number): boolean {
    const bytes = Buffer.byteLength(queued.line) + 1
    if (this.#sizeBytes + bytes > maxBytes) return false
    this.#entries.push({ ...queued, bytes })
    this.#sizeBytes += bytes
    return true
  }

  /** What goes into one file now, with the headers that it lacks. */
  async nextBatch(files: RecordFiles): Promise<Batch | undefined> {
    const first = this.#entries[this.#next]
    if (!first) return undefined
    const to = await files.current(first.bytes)
    const lines: string[] = []
    let bytes = 0
    let queuedBytes = 0
    let events = 0
    for (; this.#next < this.#entries.length && bytes < MAX_BATCH_BYTES; this.#next++) {
      const entry = this.#entries[this.#next] as Entry
      const header = headerFor(entry.session, to)
      const size = entry.bytes + Buffer.byteLength(header)
      // The first one fits, but for its header.
      if (bytes > 0 && files.isFull({ sizeBytes: to.sizeBytes + bytes }, size)) break
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

  /** The batch is written. */
  settle({ queuedBytes }: Batch): void {
    this.#sizeBytes -= queuedBytes
  }

  /** Forgets all that waits. Gives how many events there were. */
  clear(): number {
    const events = this.#entries.slice(this.#next).filter(({ isEvent }) => isEvent).length
    this.#entries = []
    this.#next = 0
    this.#sizeBytes = 0
    return events
  }

  #forgetTaken(): void {
    if (!this.isEmpty && this.#next < 4096) return
    this.#entries = this.#entries.slice(this.#next)
    this.#next = 0
  }
}

function headerFor(session: RecordedSession, { number }: CurrentFile): string {
  return session.fileNumber === number ? '' : `${session.header(session.parts + 1)}\n`
}
