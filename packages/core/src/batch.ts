import type { Clock } from './clock.ts'

export interface BatchOptions {
  /** A fixed time between two publications, in milliseconds, instead of the adaptive one. */
  readonly ms: number
}

/**
 * Why a state was published:
 * - `first`: the first text of the attempt
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

/** What one network chunk brought. */
export interface ChunkSummary {
  readonly textEvents: number
  readonly isFirstText: boolean
  readonly hasOtherEvent: boolean
}

const WINDOW = 5
const MIN_MS = 16
const MAX_MS = 100

/** Twice the mean gap of the last five tokens, 16 to 100 ms. `arrivals`: up to six times, in order. */
export function adaptiveIntervalMs(arrivals: readonly number[]): number {
  const gaps = arrivals.length - 1
  if (gaps < 1) return MIN_MS
  const mean = ((arrivals[gaps] as number) - (arrivals[0] as number)) / gaps
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
  #arrivals: number[] = []
  #textEvents = 0
  #lastFlushMs = Number.NEGATIVE_INFINITY
  #timer: unknown
  #isPending = false

  constructor(options: BatchOptions | undefined, clock: Clock, publish: (flush: Flush) => void) {
    this.#clock = clock
    this.#fixedMs = options?.ms
    this.#publish = publish
  }

  chunk({ textEvents, isFirstText, hasOtherEvent }: ChunkSummary, nowMs: number): void {
    if (textEvents > 0) this.#arrived(textEvents, nowMs)
    if (hasOtherEvent || isFirstText) this.#flush(hasOtherEvent ? 'event' : 'first', nowMs)
    else if (textEvents > 0 || this.#isPending) this.#schedule(nowMs)
  }

  /** Publishes what is buffered, if anything is. */
  flush(): void {
    if (this.#isPending) this.#flush('end', this.#clock.now())
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#isPending = false
  }

  #arrived(textEvents: number, nowMs: number): void {
    this.#textEvents += textEvents
    this.#isPending = true
    for (let i = Math.min(textEvents, WINDOW + 1); i > 0; i--) this.#arrivals.push(nowMs)
    this.#arrivals = this.#arrivals.slice(-WINDOW - 1)
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
    this.#textEvents = 0
    this.#lastFlushMs = atMs
    this.#publish(flush)
  }

  #intervalMs(): number {
    return this.#fixedMs ?? adaptiveIntervalMs(this.#arrivals)
  }
}
