import { type Clock, systemClock } from '@agent-stream/core'
import { type BodyEnd, type BodyStep, type ScriptedResponse, scriptedFetch } from '@agent-stream/core/testing'
import type { RecordedSession } from '@agent-stream/protocol'

import { type Chunking, checkChunking, cutEvents } from './chunking.ts'
import { checkFaults, type Fault, faultsOn, sentEvents } from './fault.ts'
import { cutAfterBytes, cutAfterEvents, type Frame, frameAfter, framesAfter, framesOf } from './frame.ts'
import { runCallAnswer, runIdOf, runRequest } from './run-server.ts'

export interface ReplayOptions {
  /** The clock that the session's times pass on. Default: the platform's. */
  readonly clock?: Clock
  /** How many times faster than recorded; `Infinity` or 0 is all at once. Default 1. */
  readonly speed?: number
  /** Default `'event'`. */
  readonly chunking?: Chunking
  /** What goes wrong on the way. Default: nothing. */
  readonly faults?: readonly Fault[]
  /** What becomes of the body after the last event. Default: `'drop'` where the recorded source broke, else `'close'`. */
  readonly end?: BodyEnd
}

/**
 * A `fetch` that answers with the recorded session: the SSE text of its events, each at its own time after the
 * request. An abort ends the answer.
 *
 * A session with numbers is answered for as by a server that keeps its runs (`spec/protocol.md`, section 8): its
 * answer says where the events are, and a GET with `Last-Event-ID` is given those after that, while the run's time
 * goes on from the request that started it. Any other session begins anew with each request.
 */
export function replay(session: RecordedSession, options: ReplayOptions = {}): typeof fetch {
  const { clock = systemClock, speed = 1, chunking = 'event', faults = [] } = options
  if (!(speed >= 0)) throw new TypeError(`replay: speed is ${speed}; give a number from 0 on`)
  checkChunking(chunking)
  checkFaults(faults)
  const { end = session.end === 'error' ? 'drop' : 'close' } = options
  const isCrlf = faults.some(({ type }) => type === 'crlf')
  const frames = framesOf(sentEvents(session.events, faults), speed, isCrlf)
  const runId = runIdOf(session)
  let startedMs: number | undefined
  let requests = 0

  function answer(after: number | null): ScriptedResponse {
    const request = ++requests
    if (faultsOn(faults, 'refuse', request).length > 0) return { networkError: true }
    const [refusal] = faultsOn(faults, 'status', request)
    if (refusal) return errorAnswer(refusal)
    if (after === null) startedMs = undefined
    startedMs ??= clock.now()
    const sinceMs = clock.now() - startedMs
    const rest = after ? framesAfter(frames, after, sinceMs) : frames
    // The recording says no more: a server that keeps runs says so.
    if (after && end !== 'hang' && !rest.some(({ isEvent }) => isEvent)) return { status: 204 }
    const { body, end: how } = answerBody(rest, { chunking, faults, end, request, sinceMs })
    const location = runId !== undefined && {
      'content-location': `/runs/${encodeURIComponent(runId)}/events`,
    }
    return { headers: { 'content-type': 'text/event-stream', ...location }, body, end: how }
  }

  return async (url, init) => {
    const call = runId === undefined ? { verb: 'start' as const } : runRequest(url, init)
    if (call.verb === 'cancel' || call.verb === 'input')
      return runCallAnswer(call.verb, runId as string, init)
    const script = answer(call.verb === 'events' ? call.after : null)
    return scriptedFetch([script], clock).fetch(url, init)
  }
}

function errorAnswer({ status, retryAfterSeconds }: Extract<Fault, { type: 'status' }>): ScriptedResponse {
  const retryAfter = retryAfterSeconds !== undefined && { 'retry-after': `${retryAfterSeconds}` }
  return { status, headers: { 'content-type': 'text/plain', ...retryAfter } }
}

interface AnswerOptions {
  readonly chunking: Chunking
  readonly faults: readonly Fault[]
  readonly end: BodyEnd
  /** From 1. */
  readonly request: number
  /** How long ago the run started, in milliseconds. */
  readonly sinceMs: number
}

function answerBody(
  rest: readonly Frame[],
  { chunking, faults, end, request, sinceMs }: AnswerOptions,
): { readonly body: readonly BodyStep[]; readonly end: BodyEnd } {
  let frames = rest
  let how = end
  for (const cut of faultsOn(faults, 'cut', request)) {
    frames =
      'afterEvents' in cut ? cutAfterEvents(frames, cut.afterEvents) : cutAfterBytes(frames, cut.afterBytes)
    how = cut.as ?? 'drop'
  }
  const stalls = faultsOn(faults, 'stall', request).map(({ afterEvents, ms }) => ({
    index: frameAfter(frames, afterEvents),
    ms,
  }))
  const pieces = cutEvents(
    frames.map(({ bytes }) => bytes),
    chunking,
  )
  const body: BodyStep[] = []
  let atMs = sinceMs
  let lateMs = 0

  /** The silences that come before this frame. False if one of them never ends. */
  function stallBefore(index: number): boolean {
    for (const stall of stalls.filter((each) => each.index <= index)) {
      stalls.splice(stalls.indexOf(stall), 1)
      if (stall.ms === Infinity) return false
      body.push({ waitMs: stall.ms })
      atMs += stall.ms
      lateMs += stall.ms
    }
    return true
  }

  for (const { bytes, eventIndex } of pieces) {
    if (!stallBefore(eventIndex)) return { body, end: 'hang' }
    const dueMs = (frames[eventIndex] as Frame).dueMs + lateMs
    if (dueMs > atMs) {
      body.push({ waitMs: dueMs - atMs })
      atMs = dueMs
    }
    body.push(bytes)
  }
  return { body, end: stallBefore(frames.length) ? how : 'hang' }
}
