import type { Clock } from '@agent-stream/server'

import { ObservationBatch, type Piece, type Said, weightOf } from './observation-batch.ts'
import type { FromObserver, ObserverPort, StartObserver } from './observer-port.ts'

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
/** After a failure the observer is started again; in milliseconds. */
const RESTART_MS = 1000
/** Waiting bytes that do not become fewer for so long are a problem; in milliseconds. */
const LATE_MS = 5000
/** What an observer that has said nothing yet may need to begin, on a machine that is busy; in milliseconds. */
const START_MS = 20_000

/**
 * Hands observations to an observer, and waits for nothing. Bytes are copied, collected and given away; what would be more
 * than the observer may lag behind is dropped and counted. An observer that fails is started anew: calls under way
 * are lost to it, and to nobody else.
 */
export class ObservationFeed {
  readonly #options: FeedOptions
  #port: ObserverPort
  readonly #batch = new ObservationBatch()
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
    const size = weightOf(piece)
    if (this.#waitingBytes + size > this.#options.maxWaitingBytes) {
      this.#droppedBytes += piece.bytes.length
      return false
    }
    this.#begin()
    this.#batch.add(piece)
    this.#added(size)
    return true
  }

  /** Takes what else there is to say of a call. There is always room for that. */
  say(observation: Said): void {
    this.#begin()
    this.#batch.say(observation)
    this.#added(weightOf(observation))
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

  #begin(): void {
    if (this.#waitingBytes === 0) this.#takenMs = this.#options.clock.now()
  }

  #added(size: number): void {
    this.#waitingBytes += size
    if (this.#batch.weight >= MAX_BATCH_BYTES) this.#flush()
    else this.#timer ??= this.#options.clock.setTimeout(() => this.#flush(), COLLECT_MS)
  }

  #flush(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#batch.weight === 0) return
    const packed = this.#batch.take()
    this.#port.post({ type: 'observations', packed }, [packed.order.buffer, packed.bytes.buffer])
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
    this.#waitingBytes = this.#batch.weight
    this.#options.clock.setTimeout(() => {
      if (!this.#isClosing) this.#port = this.#start()
    }, RESTART_MS)
    // Until then nobody is there.
    this.#port = NOBODY
  }
}

const NOBODY: ObserverPort = { post: () => undefined, terminate: async () => undefined }
