import type { Server } from 'node:http'
import { createServer } from 'node:http'

import type { RecordedEvent, RecordedSession } from '@agent-stream/protocol'
import { SSE_HEADERS, toNodeListener } from '@agent-stream/server'

import { type PlayOptions, play } from './play.ts'

const HEARTBEAT_MS = 15_000

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-expose-headers': 'Content-Location',
}

/** An HTTP server whose every address streams the session, from its beginning or after `Last-Event-ID`. */
export function createReplayServer(session: RecordedSession, options: PlayOptions): Server {
  const events = numbered(session.events)
  const fetch = async (request: Request) => answer(request, { ...session, events }, options)
  return createServer(toNodeListener({ fetch }))
}

/** The same events with numbers, where the recording has none. */
export function numbered(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  if (events.some(({ seq }) => seq !== undefined)) return events
  return events.map((event, place) => ({ ...event, seq: place + 1 }))
}

/** What is still to come after that number, timed as if the reader had just seen it. */
export function eventsAfter(events: readonly RecordedEvent[], lastId: number): readonly RecordedEvent[] {
  const place = events.findLastIndex(({ seq }) => seq !== undefined && seq <= lastId)
  const startsAt = events[place]?.t ?? 0
  return events.slice(place + 1).map((event) => ({ ...event, t: Math.max(0, event.t - startsAt) }))
}

function answer(request: Request, session: RecordedSession, options: PlayOptions): Response {
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: CORS })
  const lastId = Number(
    request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('after') ?? 0,
  )
  const events = lastId > 0 ? eventsAfter(session.events, lastId) : session.events
  if (events.length === 0 && lastId > 0) return new Response(null, { status: 204, headers: CORS })
  const body = streamOf(session, events, options)
  return new Response(body, { headers: { ...CORS, ...SSE_HEADERS, ...locationOf(session) } })
}

/** A client resumes a run that it has an address for, and only a run that says its id has one. */
function locationOf({ events }: RecordedSession): Record<string, string> {
  const data = events.find(({ event }) => /^run[._]started$/.test(event))?.data
  const runId = (data as { readonly run_id?: unknown } | null | undefined)?.run_id
  return typeof runId === 'string' ? { 'content-location': `/runs/${encodeURIComponent(runId)}/events` } : {}
}

function streamOf(
  { end }: RecordedSession,
  events: readonly RecordedEvent[],
  options: PlayOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  async function* frames() {
    for await (const frame of play(events, { ...options, heartbeatMs: HEARTBEAT_MS }))
      yield encoder.encode(frame)
    // As it was: the reader sees the connection break.
    if (end === 'error') throw new Error('the recorded source broke here')
  }
  // In Node's types, which know `from`, the stream is another type than the DOM's.
  return (ReadableStream as unknown as { from(source: AsyncIterable<Uint8Array>): ReadableStream }).from(
    frames(),
  )
}
