import { encodeEvent } from '@agent-stream/protocol'
import type { TimedEvent } from './catalogue.ts'
import type { Fault } from './stream-request.ts'

interface Frame {
  /** Since the start of the response. */
  readonly atMs: number
  readonly bytes: Uint8Array
}

/** What is sent when, and what happens then: the body ends, or the connection is cut. */
export interface Schedule {
  readonly frames: readonly Frame[]
  readonly end: 'close' | 'drop'
}

/** The share of its events after which a stream breaks. */
export const DROPPED_AT = 0.6
export const CLOSED_AT = 0.8

/** The response to one request. `isRepeat`: the same `Idempotency-Key` has been here before. */
export function scheduleOf(
  events: readonly TimedEvent[],
  { speed, fault, isRepeat }: { readonly speed: number; readonly fault: Fault; readonly isRepeat: boolean },
): Schedule {
  const encoder = new TextEncoder()
  const frames = (sent: readonly TimedEvent[]): Frame[] =>
    sent.map(({ atMs, event }) => ({ atMs: atMs / speed, bytes: encoder.encode(encodeEvent(event)) }))
  const beginning = (share: number) => events.slice(0, Math.ceil(events.length * share))

  switch (fault) {
    case 'drop':
      return isRepeat
        ? { frames: frames(events), end: 'close' }
        : { frames: frames(beginning(DROPPED_AT)), end: 'drop' }
    case 'drop-always':
      return { frames: frames(beginning(DROPPED_AT)), end: 'drop' }
    case 'close-without-done':
      return { frames: frames(beginning(CLOSED_AT)), end: 'close' }
    case 'split-bytes':
      return { frames: frames(events).flatMap(splitFrame), end: 'close' }
    case 'result-before-use':
      return { frames: frames(resultsFirst(events)), end: 'close' }
    case 'none':
    case 'http-403':
      return { frames: frames(events), end: 'close' }
  }
}

function splitFrame({ atMs, bytes }: Frame): Frame[] {
  return Array.from(bytes, (_, index) => ({ atMs, bytes: bytes.subarray(index, index + 1) }))
}

/** Each tool's result changes places with its call. */
export function resultsFirst(events: readonly TimedEvent[]): TimedEvent[] {
  const swapped = [...events]
  for (const [index, { atMs, event }] of events.entries()) {
    if (event.type !== 'tool_use') continue
    const resultIndex = events.findIndex(
      ({ event: other }) => other.type === 'tool_result' && other.toolUseId === event.toolUseId,
    )
    const result = events[resultIndex]
    if (!result) continue
    swapped[index] = { atMs, event: result.event }
    swapped[resultIndex] = { atMs: result.atMs, event }
  }
  return swapped
}
