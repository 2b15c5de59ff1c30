import {
  Capture,
  type CaptureCause,
  type CapturedRequest,
  type Exchange,
  type HeaderPair,
} from '@agent-stream/cassette'

import { headerPairs, type RawHeaders } from '../proxy/raw-headers.ts'
import type { CallObserver } from './call-observer.ts'
import type { ObservationOf } from './observation.ts'
import type { HeldChunk } from './packed-chunks.ts'

/** A call's request as a cassette has it. */
export function capturedRequest({ open, held }: Pick<CallObserver, 'open' | 'held'>): CapturedRequest {
  const { method, url, headers } = open
  return { method, url, headers: lowerCasePairs(headers), body: held.requestBody }
}

/** A call that is over as a cassette has it. `chunks`: decoded. */
export function exchangeOf(
  call: CallObserver,
  end: ObservationOf<'end'>,
  chunks: readonly HeldChunk[],
): Exchange {
  let nowMs = 0
  const clock = { now: () => nowMs, date: () => Date.parse(call.open.startedAt), setTimeout, clearTimeout }
  const capture = new Capture(capturedRequest(call), {
    clock,
    maxResponseBytes: Number.POSITIVE_INFINITY,
  })
  if (call.head) {
    const { atMs, status, statusText, headers } = call.head
    nowMs = atMs
    capture.head({
      status,
      statusText,
      headers: lowerCasePairs(headers),
      url: call.open.url,
      isRedirected: false,
    })
  }
  for (const { atMs, bytes } of chunks) {
    nowMs = atMs
    capture.chunk(bytes)
  }
  nowMs = end.atMs
  const exchange = capture.end(causeOf(end, call.hasEndMarker))
  const isCut = call.held.isCut || end.droppedBytes > 0
  return isCut ? { ...exchange, end: { type: 'truncated', atMs: end.atMs, reason: 'too_large' } } : exchange
}

function causeOf(
  { outcome, message, code }: ObservationOf<'end'>,
  hasEndMarker: boolean | undefined,
): CaptureCause {
  switch (outcome) {
    case 'complete':
      return { type: 'closed', hasEndMarker }
    case 'aborted':
      return { type: 'aborted', hasEndMarker }
    case 'error':
      return { type: 'error', error: new Error(message ?? code) }
  }
}

function lowerCasePairs(headers: RawHeaders): readonly HeaderPair[] {
  return headerPairs(headers).map(([name, value]) => [name.toLowerCase(), value])
}
