import { type Clock, systemClock } from '@agent-stream/core'
import { type BodyEnd, type BodyStep, scriptedFetch } from '@agent-stream/core/testing'
import type { RecordedEvent, RecordedSession } from '@agent-stream/protocol'

import { type Chunking, checkChunking, cutEvents } from './chunking.ts'

export interface ReplayOptions {
  /** The clock that the session's times pass on. Default: the platform's. */
  readonly clock?: Clock
  /** How many times faster than recorded; `Infinity` or 0 is all at once. Default 1. */
  readonly speed?: number
  /** Default `'event'`. */
  readonly chunking?: Chunking
  /** What becomes of the body after the last event. Default: `'drop'` where the recorded source broke, else `'close'`. */
  readonly end?: BodyEnd
}

/**
 * A `fetch` that answers every request with the recorded session, from its beginning: the SSE text of its
 * events, each at its own time after the request. Requests don't share anything; an abort ends its own.
 */
export function replay(session: RecordedSession, options: ReplayOptions = {}): typeof fetch {
  const { clock = systemClock, speed = 1, chunking = 'event' } = options
  if (!(speed >= 0)) throw new TypeError(`replay: speed is ${speed}; give a number from 0 on`)
  checkChunking(chunking)
  const { end = session.end === 'error' ? 'drop' : 'close' } = options
  const body = bodySteps(session.events, chunking, speed)
  return (url, init) => scriptedFetch([{ body, end }], clock).fetch(url, init)
}

function bodySteps(events: readonly RecordedEvent[], chunking: Chunking, speed: number): BodyStep[] {
  const encoder = new TextEncoder()
  const pieces = cutEvents(
    events.map((event) => encoder.encode(sseText(event))),
    chunking,
  )
  const steps: BodyStep[] = []
  let atMs = 0
  for (const { bytes, eventIndex } of pieces) {
    const dueMs = speed === 0 ? 0 : ((events[eventIndex] as RecordedEvent).t * 1000) / speed
    // A recorder whose clock was set back: the event follows at once.
    if (dueMs > atMs) {
      steps.push({ waitMs: dueMs - atMs })
      atMs = dueMs
    }
    steps.push(bytes)
  }
  return steps
}

/** As it was on the wire, known to this version or not. */
function sseText({ event, data, seq }: RecordedEvent): string {
  const id = seq === undefined ? '' : `id: ${seq}\n`
  return `${id}event: ${event}\ndata: ${JSON.stringify(data ?? null)}\n\n`
}
