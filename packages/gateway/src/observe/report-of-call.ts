import { type ResponseMeasure, scrubUrl } from '@agent-stream/cassette'
import { bufferingAdvice, judgeBuffering } from '@agent-stream/protocol/buffering'
import type { Scrubber } from '@agent-stream/protocol/scrub'

import { headerPairs, headerValue } from '../proxy/raw-headers.ts'
import type { CallFailure } from './call-failure.ts'
import type { CallObserver } from './call-observer.ts'
import type { CallReport, RecordingResult, ReportedOutcome } from './call-report.ts'
import { operationOf, providerNameOf } from './model-api.ts'
import type { ObservationOf } from './observation.ts'

/** All that is known of a call that is over. */
export interface EndedCall {
  readonly call: CallObserver
  readonly end: ObservationOf<'end'>
  readonly scrubber: Scrubber
  /** What an answer with an error's status says, scrubbed. */
  readonly apiError: CallFailure | undefined
  readonly costUsd: number | undefined
  readonly recording: RecordingResult
  readonly excerpt: CallReport['excerpt']
  /** Gaps that are reported at most; fewer are taken evenly from all. */
  readonly maxGaps: number
}

export function reportOf(ended: EndedCall): CallReport {
  const { call, end, scrubber, costUsd, recording, excerpt } = ended
  const { open, held, head } = call
  const url = new URL(open.url)
  const { pathname, search } = new URL(scrubUrl(open.url, scrubber))
  const operation = operationOf(open.method, url.pathname)
  const outcome = outcomeOf(ended)
  return {
    call: open.call,
    startedAt: open.startedAt,
    target: open.target,
    method: open.method,
    path: pathname + search,
    ...(head && { status: head.status, firstByteMs: head.atMs }),
    provider: providerNameOf(url.hostname, call.description.wire),
    server: url.host,
    ...(operation !== undefined && { operation }),
    isStream: call.isStream,
    outcome,
    ...errorOf(ended, outcome),
    durationMs: end.atMs,
    ...measuredOf(ended),
    gapsMs: evenly(call.gapsMs, ended.maxGaps),
    ...(costUsd !== undefined && { costUsd }),
    requestBytes: held.requestBytes,
    responseBytes: held.responseBytes,
    chunks: held.chunkCount,
    ...hopsOf(call),
    clientStalledMs: end.clientStalledMs,
    recording,
    ...(excerpt && { excerpt }),
    ...(open.probe !== undefined && { probe: open.probe }),
  }
}

/** What the answer says of itself. Names come from requests and answers, and are scrubbed as those are. */
function measuredOf({ call, scrubber }: EndedCall) {
  const { measure } = call
  const { model } = call.description
  const speed = measure && tokensPerSecond(measure)
  return {
    ...(model && { requestModel: scrubber.text(model) }),
    ...(measure?.model && { responseModel: scrubber.text(measure.model) }),
    ...(measure?.firstDeltaMs != null && { ttftMs: measure.firstDeltaMs }),
    outputMessages: measure?.deltaCount ?? 0,
    ...(speed !== undefined && { tokensPerSecond: speed }),
    ...(measure?.usage && { usage: measure.usage }),
    ...(measure?.finishReason && { finishReason: scrubber.text(measure.finishReason) }),
  }
}

const ENDED: ReadonlySet<string> = new Set(['complete', 'awaiting_tools', 'awaiting_input', 'incomplete'])

function outcomeOf({ call, end, apiError }: EndedCall): ReportedOutcome {
  const { measure } = call
  if (apiError) return 'refused'
  // Whoever leaves at the end has it all.
  if (ENDED.has(measure?.outcome ?? '')) return 'complete'
  if (end.outcome === 'aborted') return 'aborted'
  if (end.outcome === 'error') return 'failed'
  if (measure?.outcome === 'failed') return 'refused'
  return measure?.outcome === 'truncated' ? 'truncated' : 'complete'
}

function errorOf(
  { call, end, apiError, scrubber }: EndedCall,
  outcome: ReportedOutcome,
): { readonly errorType?: string; readonly message?: string } {
  const said = call.measure?.error
  switch (outcome) {
    case 'complete':
      return {}
    case 'truncated':
      return { errorType: 'truncated' }
    case 'refused':
      if (apiError) return { errorType: String(call.head?.status), message: apiError.message }
      return said ? { errorType: scrubber.text(said.errorType), message: scrubber.text(said.message) } : {}
    case 'aborted':
    case 'failed':
      return { errorType: end.code ?? outcome, ...(end.message !== undefined && { message: end.message }) }
  }
}

/** From the first token to the last; of too short a time it says nothing. */
function tokensPerSecond({ firstDeltaMs, lastDeltaMs, usage }: ResponseMeasure): number | undefined {
  if (usage?.output === undefined || firstDeltaMs === null || lastDeltaMs === null) return undefined
  const ms = lastDeltaMs - firstDeltaMs
  return ms >= MIN_STREAM_MS ? (usage.output / ms) * 1000 : undefined
}

const MIN_STREAM_MS = 50

/** What was seen of the hops on both sides. */
function hopsOf(call: CallObserver): Pick<CallReport, 'upstream' | 'downstream'> {
  if (!call.isStream || call.head === undefined || call.head.status >= 400) return {}
  const verdict = judgeBuffering({ pieces: call.arrivals, saidDurationMs: undefined })
  const isHeld = verdict.buffering === 'buffered' || verdict.buffering === 'blocks'
  const advice = isHeld
    ? bufferingAdvice(headersOf(call)).map(({ seen, change }) => `${seen}: ${change}`)
    : []
  const downstream = downstreamSuspicion(call)
  return { upstream: { ...verdict, advice }, ...(downstream && { downstream }) }
}

/**
 * What a sender can know of how its bytes go on is little. One thing is known: who asks for an event stream in HTTP/1.0
 * is a proxy, as nginx is by default, and holds the answer back to its end unless that says otherwise.
 */
function downstreamSuspicion(call: CallObserver): CallReport['downstream'] {
  const isAllowed = headerValue(call.headers, 'x-accel-buffering')?.trim().toLowerCase() === 'no'
  if (!call.open.isHttp10 || isAllowed) return undefined
  return {
    because:
      'streams are asked for in HTTP/1.0, as nginx does with proxy_buffering on: it then sends them at their end',
    advice: ['in nginx, set proxy_buffering off (or proxy_http_version 1.1) for the gateway'],
  }
}

function headersOf({ headers }: CallObserver): Headers {
  return new Headers(headerPairs(headers))
}

function evenly(values: readonly number[], count: number): readonly number[] {
  if (values.length <= count) return values
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)] as number)
}
