import { decodeEvent } from './decode.ts'
import { createSseReader } from './sse.ts'

/** A piece of an answer as it came. */
export interface Arrival {
  /** After the request, in milliseconds. */
  readonly atMs: number
  readonly sizeBytes: number
  /** Messages that it completed. */
  readonly messages: number
  /** Comments, such as heartbeats, that it completed. */
  readonly comments: number
}

export interface Arrivals {
  readonly pieces: readonly Arrival[]
  readonly ttftMs: number | undefined
  /** How long the server says that the run took; undefined if it does not. */
  readonly saidDurationMs: number | undefined
}

export interface ArrivalReader {
  take(chunk: Uint8Array, atMs: number): void
  arrivals(): Arrivals
}

/** Notes when what came of an event stream. */
export function createArrivalReader(): ArrivalReader {
  const pieces: Arrival[] = []
  let ttftMs: number | undefined
  let saidDurationMs: number | undefined
  let now = { atMs: 0, messages: 0, comments: 0 }
  const reader = createSseReader({
    onMessage(message) {
      now.messages++
      // Our own events have names; others say nothing here.
      if (message.event === undefined) return
      const event = decodeEvent(message)
      if (event.type === 'token') ttftMs ??= now.atMs
      if (event.type === 'done' && event.durationMs > 0) saidDurationMs = event.durationMs
    },
    onComment: () => now.comments++,
  })
  return {
    take(chunk, atMs) {
      now = { atMs, messages: 0, comments: 0 }
      reader.feed(chunk)
      pieces.push({ ...now, sizeBytes: chunk.length })
    },
    arrivals: () => ({ pieces, ttftMs, saidDurationMs }),
  }
}

/** Messages of each of so many equal parts of the time until the last piece. */
export function histogram(pieces: readonly Arrival[], parts: number): { fromMs: number; messages: number }[] {
  const endMs = pieces.at(-1)?.atMs || 1
  const counts = Array.from({ length: parts }, (_, place) => ({
    fromMs: (endMs * place) / parts,
    messages: 0,
  }))
  for (const { atMs, messages } of pieces) {
    const part = counts[Math.min(parts - 1, Math.floor((atMs / endMs) * parts))]
    if (part) part.messages += messages
  }
  return counts
}
