import type { Readable, Writable } from 'node:stream'
import type { SessionEnd } from '@agent-stream/protocol'
import { createScrubber, type Scrubber, type ScrubOptions } from '@agent-stream/protocol/scrub'

import { type Clock, systemClock } from '../emit/clock.ts'
import { type RecordDisk, recordDisk } from './record-disk.ts'
import { RecordFiles } from './record-files.ts'
import { RecordSession } from './record-session.ts'
import { type RecorderStats, RecordWriter } from './record-writer.ts'
import { type OpenSession, tapIterable } from './tap-iterable.ts'
import { tapReadable, tapWritable } from './tap-node.ts'
import { tapResponse, tapStream } from './tap-stream.ts'

export interface RecorderOptions {
  /** A file that would grow beyond it is followed by another one, in bytes. Default: no limit. */
  readonly maxFileBytes?: number
  /** Whether each day (UTC) has files of its own. Default false. */
  readonly isDaily?: boolean
  /** What may wait for the disk, in bytes; the rest is dropped and counted. Default 16,777,216 (16 MiB). */
  readonly maxQueueBytes?: number
  /** What is redacted besides the secrets that are known; false: nothing is. */
  readonly scrub?: ScrubOptions | false
  /** Told what went wrong, once for each outage of the disk. Default: a process warning. */
  readonly onError?: (error: unknown) => void
}

export interface RecordOptions {
  /** Goes into the session's header: request id, model, tags. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface OpenOptions extends RecordOptions {
  /** When it began (ISO 8601). Default: now. */
  readonly startedAt?: string
  /** In place of the recorder's own, for a stream with secrets that only its caller knows. */
  readonly scrubber?: Scrubber
}

/** A session whose stream is handed over piece by piece. */
export interface OpenRecording {
  /** The session's id in the file. */
  readonly id: string
  /** Takes SSE text or bytes, cut anywhere, or an event. `atMs`: when it came, since the session's start; default: now. */
  take(chunk: unknown, atMs?: number): void
  /** Ends the session, once. */
  end(status: SessionEnd, atMs?: number): void
}

/** What the recorder touches of the world. */
export interface RecorderWorld {
  readonly disk?: RecordDisk
  readonly clock?: Clock
  /** The system's time, in milliseconds. */
  readonly now?: () => number
}

/**
 * Records streams into one file, each as a session, while they pass unchanged. It delays nothing and breaks nothing:
 * what the disk does not take is dropped and counted. Of a process that is killed, at most the last 50 ms are missing.
 */
export class AgentStreamRecorder {
  readonly #writer: RecordWriter
  readonly #scrubber: Scrubber | undefined
  readonly #clock: Clock
  readonly #now: () => number
  readonly #open = new Set<RecordSession>()
  #isClosed = false

  /** Throws `TypeError` for options that are none. `world`: for tests. */
  constructor(path: string, options: RecorderOptions = {}, world: RecorderWorld = {}) {
    const { maxFileBytes, isDaily = false, maxQueueBytes = 2 ** 24, scrub = {}, onError = warn } = options
    if (typeof path !== 'string' || path === '') {
      throw new TypeError(
        `AgentStreamRecorder: the path is ${path === '' ? 'empty' : typeof path}; expected a file`,
      )
    }
    checkBytes('maxFileBytes', maxFileBytes)
    checkBytes('maxQueueBytes', maxQueueBytes)
    const { disk = recordDisk, clock = systemClock, now = Date.now } = world
    this.#clock = clock
    this.#now = now
    this.#scrubber = scrub === false ? undefined : createScrubber(scrub)
    const rotation = { maxFileBytes: maxFileBytes ?? Number.POSITIVE_INFINITY, isDaily }
    const files = new RecordFiles(path, rotation, disk, now)
    this.#writer = new RecordWriter(files, maxQueueBytes, clock, contained(onError))
  }

  /** What was written, and what was not. */
  get stats(): RecorderStats {
    return this.#writer.stats
  }

  /**
   * The same stream, recorded while it is read: an async iterable or web stream of SSE text, bytes or events, a
   * `Response`, or a Node stream; of a server's response what is written to it. After `close` it is not recorded.
   */
  record(source: Response, options?: RecordOptions): Response
  record<T>(source: ReadableStream<T>, options?: RecordOptions): ReadableStream<T>
  record<S extends Readable | Writable>(source: S, options?: RecordOptions): S
  record<T, R, N>(source: AsyncIterable<T, R, N>, options?: RecordOptions): AsyncGenerator<T, R, N>
  record(source: unknown, { metadata = {} }: RecordOptions = {}): unknown {
    const open = () => this.#session({ metadata })
    const tap = tapFor(source)
    return this.#isClosed ? source : tap(open)
  }

  /** Opens a session for a stream that passes elsewhere. After `close`, what it is given is dropped and counted. */
  open(options: OpenOptions = {}): OpenRecording {
    return this.#session(options)
  }

  /** Writes what waits and closes the file; sessions that are open end as `aborted`. `drainMs`: how long it may take. */
  async close(drainMs = 5000): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const session of this.#open) session.end('aborted')
    await this.#writer.close(drainMs)
  }

  #session({ metadata = {}, startedAt, scrubber = this.#scrubber }: OpenOptions): RecordSession {
    const session = new RecordSession({
      writer: this.#writer,
      scrubber,
      clock: this.#clock,
      now: this.#now,
      metadata,
      ...(startedAt !== undefined && { startedAt }),
      onEnd: (ended) => this.#open.delete(ended),
    })
    this.#open.add(session)
    return session
  }
}

/** How a source is recorded. Told by what it can do: there are several realms, and several kinds of stream. */
function tapFor(source: unknown): (open: OpenSession) => unknown {
  const has = (...names: (string | symbol)[]) =>
    typeof source === 'object' &&
    source !== null &&
    names.every((name) => typeof (source as Record<string | symbol, unknown>)[name] === 'function')
  if (has('arrayBuffer', 'clone')) return (open) => tapResponse(source as Response, open)
  if (has('getReader')) return (open) => tapStream(source as ReadableStream, open)
  if (has('read', 'pipe', 'emit')) return (open) => tapReadable(source as Readable, open)
  if (has('write', 'end', 'emit')) return (open) => tapWritable(source as Writable, open)
  if (has(Symbol.asyncIterator)) return (open) => tapIterable(source as AsyncIterable<unknown>, open)
  throw new TypeError(
    `record: the source is ${source === null ? 'null' : typeof source}; expected an async iterable, a web stream, a Response or a Node stream`,
  )
}

function checkBytes(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return
  throw new TypeError(`AgentStreamRecorder: ${name} is ${value}; expected a whole number of bytes above 0`)
}

/** A listener's bug is its own: it is thrown where it hits nobody. */
function contained(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      onError(error)
    } catch (bug) {
      queueMicrotask(() => {
        throw bug
      })
    }
  }
}

function warn(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  process.emitWarning(`Events were not recorded: ${reason}`, 'AgentStreamRecorder')
}
