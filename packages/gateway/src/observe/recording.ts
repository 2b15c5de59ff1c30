import { join } from 'node:path'
import {
  type CassetteStore,
  createCassetteWriter,
  type Exchange,
  fileStore,
  type WriteRequest,
} from '@agent-stream/cassette'
import type { ScrubOptions } from '@agent-stream/protocol/scrub'
import { AgentStreamRecorder, type OpenOptions, type OpenRecording } from '@agent-stream/server'

import type { RecordingStatus } from './recording-status.ts'
import { prune } from './retention.ts'

export interface RecordingOptions {
  /** The folder: cassettes, and `sessions.<day>.jsonl`. */
  readonly folder: string
  readonly scrub: ScrubOptions
  /** Of a file of sessions, in bytes. */
  readonly maxFileBytes: number
  /** Of all that is kept, in bytes. */
  readonly maxBytes: number
  readonly maxCassettes: number
}

/** What recording touches of the world. */
export interface RecordingWorld {
  readonly store?: CassetteStore
  /** As `AgentStreamRecorder` takes it. */
  readonly recorder?: ConstructorParameters<typeof AgentStreamRecorder>[2]
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

/** A write that takes longer is a problem; in milliseconds. */
const SLOW_MS = 5000
/** Half of what the recorder lets wait. */
const MANY_BYTES = 2 ** 23
const PRUNE_MS = 60_000

/** Keeps calls on the disk, each as a cassette and as a session. Whatever the disk does is counted, and said. */
export class Recording {
  readonly #options: RecordingOptions
  readonly #now: () => number
  readonly #writer: ReturnType<typeof createCassetteWriter>
  readonly #recorder: AgentStreamRecorder
  readonly #writing = new Set<{ readonly sinceMs: number; readonly done: Promise<void> }>()
  readonly #pruneTimer: NodeJS.Timeout
  #written = 0
  #failed = 0
  #dropped = 0
  #cassetteProblem: string | undefined
  #sessionProblem: { readonly reason: string; readonly written: number } | undefined
  #pruneProblem: string | undefined

  constructor(options: RecordingOptions, world: RecordingWorld = {}) {
    const { folder, scrub, maxFileBytes } = options
    this.#options = options
    this.#now = world.now ?? (() => performance.now())
    // What a crash of the system takes of the last seconds is no reason to wait for the disk at each call.
    const store = world.store ?? fileStore(folder, { fsync: false })
    this.#writer = createCassetteWriter({ store, scrub, recordErrors: 'all' })
    this.#recorder = new AgentStreamRecorder(
      join(folder, 'sessions.jsonl'),
      { maxFileBytes, isDaily: true, scrub, onError: (error) => this.#sessionsFailed(error) },
      world.recorder,
    )
    this.#pruneTimer = setInterval(() => void this.#prune(), PRUNE_MS).unref()
    void this.#prune()
  }

  get status(): RecordingStatus {
    const { written, dropped, errors, queuedBytes } = this.#recorder.stats
    if (this.#sessionProblem && written > this.#sessionProblem.written) this.#sessionProblem = undefined
    const oldestMs = Math.min(...[...this.#writing].map(({ sinceMs }) => sinceMs))
    const problems = [
      this.#cassetteProblem && `calls are not recorded: ${this.#cassetteProblem}`,
      this.#sessionProblem && `sessions are not recorded: ${this.#sessionProblem.reason}`,
      this.#now() - oldestMs > SLOW_MS &&
        `the recording is slow: a call has waited for ${seconds(this.#now() - oldestMs)}`,
      queuedBytes > MANY_BYTES && `the disk is slow: ${queuedBytes >> 20} MiB of sessions wait`,
      this.#pruneProblem && `old recordings are not removed: ${this.#pruneProblem}`,
    ]
    return {
      isOn: true,
      problems: problems.filter((problem) => typeof problem === 'string'),
      cassettes: { written: this.#written, failed: this.#failed, dropped: this.#dropped },
      sessions: { events: written, dropped, errors },
      waitingBytes: queuedBytes,
    }
  }

  openSession(options: OpenOptions): OpenRecording {
    return this.#recorder.open(options)
  }

  /** Writes a cassette; `onSettled` is told when its bytes are no longer needed. */
  write(exchange: Exchange, request: WriteRequest, onSettled: () => void): void {
    const done = this.#writer
      .write(exchange, request)
      .then(
        () => {
          this.#written++
          this.#cassetteProblem = undefined
        },
        (error) => {
          this.#failed++
          this.#cassetteProblem = reasonOf(error)
        },
      )
      .finally(() => {
        this.#writing.delete(writing)
        onSettled()
      })
    const writing = { sinceMs: this.#now(), done }
    this.#writing.add(writing)
  }

  /** Counts a call that there was no room for. */
  drop(): void {
    this.#dropped++
  }

  async close(drainMs: number): Promise<void> {
    clearInterval(this.#pruneTimer)
    const settled = Promise.all([...this.#writing].map(({ done }) => done))
    const isLate = new Promise((resolve) => setTimeout(resolve, drainMs).unref())
    await Promise.all([Promise.race([settled, isLate]), this.#recorder.close(drainMs)])
  }

  async #prune(): Promise<void> {
    try {
      await prune(this.#options.folder, this.#options)
      this.#pruneProblem = undefined
    } catch (error) {
      this.#pruneProblem = reasonOf(error)
    }
  }

  #sessionsFailed(error: unknown): void {
    this.#sessionProblem = { reason: reasonOf(error), written: this.#recorder.stats.written }
  }
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'the folder may not be written to',
  EPERM: 'the folder may not be written to',
  ENOTDIR: 'the folder is no folder',
  EMFILE: 'too many files are open',
  EIO: 'the disk is broken',
}

/** Without paths and what may stand in them. */
function reasonOf(error: unknown): string {
  const { code: given, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown }
  const code = /^E[A-Z]+/.exec(String(given ?? message))?.[0]
  if (code !== undefined) return Object.hasOwn(REASONS, code) ? `${REASONS[code]} (${code})` : code
  return cause === undefined ? 'an unknown error' : reasonOf(cause)
}
