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

/** Decides when the folded state is published: text at intervals, everything else with its chunk. */
export interface Batcher {
  /** The chunk holds a fragment of text, of this kind. */
  text(kind: string): void
  /** The chunk holds something else. */
  event(): void
  /** The chunk has been folded. */
  chunkEnd(nowMs: number): void
  /** Publishes what is buffered, if anything is. */
  flush(): void
  /** Publishes nothing more. */
  close(): void
}

const WINDOW = 5
/** Publications in one task. */
const MAX_IN_TASK = 16
const MIN_MS = 16
const MAX_MS = 100

/** Twice the mean gap of the last five tokens, 16 to 100 ms. `arrivals`: up to six times, in order. */
export function adaptiveIntervalMs(arrivals: readonly number[]): number {
  const gaps = arrivals.length - 1
  const mean = gaps < 1 ? 0 : ((arrivals[gaps] as number) - (arrivals[0] as number)) / gaps
  return Math.min(MAX_MS, Math.max(MIN_MS, 2 * mean))
}

/**
 * A burst of chunks in one task would pay for publications that no screen shows: beyond a few, the rest of the task
 * is published at its end. A busy stream starves timers, so a deadline that has passed is also seen when a chunk
 * arrives.
 */
export function createBatcher(
  options: BatchOptions | undefined,
  clock: Clock,
  publish: (flush: Flush) => void,
): Batcher {
  const seenKinds = new Set<string>()
  const arrivals: number[] = []
  let lastKind: string | undefined
  let chunkTexts = 0
  let textEvents = 0
  let urgent: FlushReason | undefined
  let lastFlushMs = Number.NEGATIVE_INFINITY
  let intervalTimer: unknown
  let taskTimer: unknown
  let inTask = 0

  const intervalMs = (): number => options?.ms ?? adaptiveIntervalMs(arrivals)

  function flush(reason: FlushReason, atMs: number): void {
    const flushed = { reason, atMs, textEvents, intervalMs: intervalMs() }
    urgent = undefined
    textEvents = 0
    lastFlushMs = atMs
    inTask++
    taskTimer ??= clock.setTimeout(taskEnd, 0)
    publish(flushed)
  }

  function schedule(nowMs: number): void {
    if (!urgent && textEvents === 0) return
    const waitMs = lastFlushMs + intervalMs() - nowMs
    if (waitMs <= 0 || (urgent && inTask < MAX_IN_TASK)) flush(urgent ?? 'interval', nowMs)
    // A timer that is already running finds out itself what is due: setting it anew costs more.
    else intervalTimer ??= clock.setTimeout(wake, waitMs)
  }

  function taskEnd(): void {
    taskTimer = undefined
    inTask = 0
    if (urgent) schedule(clock.now())
  }

  function wake(): void {
    intervalTimer = undefined
    schedule(clock.now())
  }

  return {
    text(kind) {
      chunkTexts++
      if (kind === lastKind) return
      lastKind = kind
      if (seenKinds.has(kind)) return
      seenKinds.add(kind)
      urgent ??= 'first'
    },
    event() {
      urgent = 'event'
    },
    chunkEnd(nowMs) {
      textEvents += chunkTexts
      for (let i = Math.min(chunkTexts, WINDOW + 1); i > 0; i--) arrivals.push(nowMs)
      arrivals.splice(0, arrivals.length - WINDOW - 1)
      chunkTexts = 0
      schedule(nowMs)
    },
    flush() {
      textEvents += chunkTexts
      chunkTexts = 0
      if (textEvents > 0 || urgent) flush('end', clock.now())
    },
    close() {
      clock.clearTimeout(intervalTimer)
      clock.clearTimeout(taskTimer)
      urgent = undefined
      textEvents = chunkTexts = 0
    },
  }
}
