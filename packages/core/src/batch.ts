import type { Clock } from './clock.ts'

export interface BatchOptions {
  /** A fixed time between two publications, in milliseconds, instead of the adaptive one. */
  readonly ms: number
}

/**
 * Why a state was published:
 * - `first`: the first text of its kind
 * - `event`: something that is not text
 * - `interval`: the batch interval was over
 * - `end`: the stream ended
 */
export type FlushReason = 'first' | 'event' | 'interval' | 'end'

/** One publication of the run state. */
export interface Flush {
  readonly reason: FlushReason
  /** On the client's clock, in milliseconds. */
  readonly atMs: number
  /** Text events since the last publication. */
  readonly textEvents: number
  /** The batch interval in force, in milliseconds. */
  readonly intervalMs: number
}

const WINDOW = 5
const MIN_MS = 16
const MAX_MS = 100

/** Twice the mean gap of the last five tokens, 16 to 100 ms. `arrivals`: up to six times, in order. */
export function adaptiveIntervalMs(arrivals: readonly number[]): number {
  const gaps = arrivals.length - 1
  const mean = gaps < 1 ? 0 : ((arrivals[gaps] as number) - (arrivals[0] as number)) / gaps
  return Math.min(MAX_MS, Math.max(MIN_MS, 2 * mean))
}

/**
 * Decides when the folded state is published: text at intervals, everything else with its chunk.
 * A busy stream starves timers, so a deadline that has passed is also seen when a chunk arrives.
 */
export class Batcher {
  readonly #clock: Clock
  readonly #fixedMs: number | undefined
  readonly #publish: (flush: Flush) => void
  readonly #kinds = new Set<string>()
  #arrivals: number[] = []
  #chunkTexts = 0
  #textEvents = 0
  #urgent: FlushReason | undefined
  #isPending = false
  #lastFlushMs = Number.NEGATIVE_INFINITY
  #timer: unknown

  constructor(options: BatchOptions | undefined, clock: Clock, publish: (flush: Flush) => void) {
    this.#clock = clock
    this.#fixedMs = options?.ms
    this.#publish = publish
  }

  /** The chunk holds a fragment of text, of this kind. */
  text(kind: string): void {
    this.#chunkTexts++
    if (this.#kinds.has(kind)) return
    this.#kinds.add(kind)
    this.#urgent ??= 'first'
  }

  /** The chunk holds something else. */
  event(): void {
    this.#urgent = 'event'
  }

  /** The chunk has been folded. */
  chunkEnd(nowMs: number): void {
    const arrived = this.#chunkTexts
    if (arrived > 0) {
      this.#isPending = true
      this.#textEvents += arrived
      const times = Array<number>(Math.min(arrived, WINDOW + 1)).fill(nowMs)
      this.#arrivals = this.#arrivals.concat(times).slice(-WINDOW - 1)
      this.#chunkTexts = 0
    }
    if (this.#urgent) this.#flush(this.#urgent, nowMs)
    else if (this.#isPending) this.#schedule(nowMs)
  }

  /** Publishes what is buffered, if anything is. */
  flush(): void {
    if (this.#isPending) this.#flush('end', this.#clock.now())
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#isPending = false
  }

  #schedule(nowMs: number): void {
    const waitMs = this.#lastFlushMs + this.#intervalMs() - nowMs
    if (waitMs <= 0) this.#flush('interval', nowMs)
    // A timer that is already running finds out itself what is due: setting it anew costs more.
    else this.#timer ??= this.#clock.setTimeout(() => this.#wake(), waitMs)
  }

  #wake(): void {
    this.#timer = undefined
    if (this.#isPending) this.#schedule(this.#clock.now())
  }

  #flush(reason: FlushReason, atMs: number): void {
    const flush = { reason, atMs, textEvents: this.#textEvents, intervalMs: this.#intervalMs() }
    this.#isPending = false
    this.#urgent = undefined
    this.#textEvents = 0
    this.#lastFlushMs = atMs
    this.#publish(flush)
  }

  #intervalMs(): number {
    return this.#fixedMs ?? adaptiveIntervalMs(this.#arrivals)
  }
}
