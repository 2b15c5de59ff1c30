import type { Clock } from '@agent-stream/server'

import type { Observation, ObservationOf } from './observation.ts'
import type { FromObserver, ObserverPort, StartObserver } from './observer-port.ts'
import { createSlabs } from './slabs.ts'

export interface FeedOptions {
  readonly start: StartObserver
  readonly clock: Clock
  /** Bytes that the observer may lag behind. */
  readonly maxWaitingBytes: number
  readonly onMessage: (message: FromObserver) => void
}

export interface FeedStatus {
  /** What is wrong with the observer now. */
  readonly problem: string | undefined
  /** Bytes of calls that it did not get, as it did not keep up. */
  readonly droppedBytes: number
  readonly waitingBytes: number
}

/** How long observations are collected: one message a call's chunk would cost more than the chunk. */
const COLLECT_MS = 20
/** Collected at most, in bytes. */
const MAX_BATCH_BYTES = 2 ** 20
/** What an observation costs beside its bytes. */
const OVERHEAD_BYTES = 200
/** After a failure the observer is started again; in milliseconds. */
const RESTART_MS = 1000
/** Waiting bytes that do not become fewer for so long are a problem; in milliseconds. */
const LATE_MS = 5000
/** What an observer that has said nothing yet may need to begin, on a machine that is busy; in milliseconds. */
const START_MS = 20_000

type Piece = ObservationOf<'request'> | ObservationOf<'chunk'>

/**
 * Hands observations to an observer, and waits for nothing. Bytes are copied, collected and given away; what would be more
 * than the observer may lag behind is dropped and counted. An observer that fails is started anew: calls under way
 * are lost to it, and to nobody else.
 */
export class ObservationFeed {
  readonly #options: FeedOptions
  #port: ObserverPort
  readonly #slabs = createSlabs()
  #batch: Observation[] = []
  #batchBytes = 0
  #waitingBytes = 0
  #takenMs: number
  #droppedBytes = 0
  #failure: string | undefined
  #timer: unknown
  #hasBegun = false
  #isClosing = false
  #onClosed: () => void = () => undefined

  constructor(options: FeedOptions) {
    this.#options = options
    this.#takenMs = options.clock.now()
    this.#port = this.#start()
  }

  get status(): FeedStatus {
    const isLate = this.#waitingBytes > 0 && this.#options.clock.now() - this.#takenMs > LATE_MS
    const problem = this.#failure ?? (isLate ? 'the recorder does not keep up with the calls' : undefined)
    return { problem, droppedBytes: this.#droppedBytes, waitingBytes: this.#waitingBytes }
  }

  /** Takes a piece of a call's bytes, which may change afterwards. False: there was no room for it. */
  bytes(piece: Piece): boolean {
    const size = piece.bytes.length + OVERHEAD_BYTES
    if (this.#waitingBytes + size > this.#options.maxWaitingBytes) {
      this.#droppedBytes += piece.bytes.length
      return false
    }
    this.#add({ ...piece, bytes: this.#slabs.copy(piece.bytes) }, size)
    return true
  }

  /** Takes what else there is to say of a call. There is always room for that. */
  say(observation: Exclude<Observation, Piece>): void {
    this.#add(observation, OVERHEAD_BYTES)
  }

  /** Asks the observer for something; what it answers comes through `onMessage`. */
  ask(request: number): void {
    this.#port.post({ type: 'metrics', request }, [])
  }

  /** Lets the observer write what it has, for `drainMs` at most once it has begun, and ends it. */
  async close(drainMs: number): Promise<void> {
    this.#isClosing = true
    this.#flush()
    const { clock } = this.#options
    let timer: unknown
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve
      // A little longer than it is given: it says itself what it could not write.
      timer = clock.setTimeout(resolve, drainMs + 500 + (this.#hasBegun ? 0 : START_MS))
      this.#port.post({ type: 'close', drainMs }, [])
    })
    clock.clearTimeout(timer)
    await this.#port.terminate()
  }

  #start(): ObserverPort {
    return this.#options.start({
      onMessage: (message) => {
        this.#hasBegun = true
        if (message.type === 'taken') this.#taken(message.bytes)
        else if (message.type === 'closed') this.#onClosed()
        else this.#options.onMessage(message)
      },
      onFailure: (error) => this.#failed(error),
    })
  }

  #add(observation: Observation, size: number): void {
    if (this.#waitingBytes === 0) this.#takenMs = this.#options.clock.now()
    this.#batch.push(observation)
    this.#batchBytes += size
    this.#waitingBytes += size
    if (this.#batchBytes >= MAX_BATCH_BYTES) this.#flush()
    else this.#timer ??= this.#options.clock.setTimeout(() => this.#flush(), COLLECT_MS)
  }

  #flush(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#batch.length === 0) return
    const observations = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    this.#port.post({ type: 'observations', observations }, this.#slabs.take())
  }

  #taken(bytes: number): void {
    this.#waitingBytes = Math.max(0, this.#waitingBytes - bytes)
    this.#takenMs = this.#options.clock.now()
    this.#failure = undefined
  }

  #failed(error: Error): void {
    if (this.#isClosing) {
      this.#onClosed()
      return
    }
    this.#failure = `the recorder failed and is started again: ${error.message}`
    this.#waitingBytes = this.#batchBytes
    this.#options.clock.setTimeout(() => {
      if (!this.#isClosing) this.#port = this.#start()
    }, RESTART_MS)
    // Until then nobody is there.
    this.#port = NOBODY
  }
}

const NOBODY: ObserverPort = { post: () => undefined, terminate: async () => undefined }

/** What an observation counts for against what an observer may lag behind, in bytes. */
export function weightOf(observation: Observation): number {
  return OVERHEAD_BYTES + ('bytes' in observation ? observation.bytes.length : 0)
}
