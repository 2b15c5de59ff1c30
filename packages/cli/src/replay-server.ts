import { createServer, type Server } from 'node:http'

import type { Clock } from '@agent-stream/core'
import type { RecordedSession } from '@agent-stream/protocol'
import { SSE_HEADERS, toNodeListener } from '@agent-stream/server'
import { type Fault, replay } from '@agent-stream/test-harness'

import { punctualClock } from './punctual-clock.ts'

/** Any page may read it: it is made for front ends under development. */
const CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, last-event-id',
  'access-control-allow-methods': 'GET, POST',
  'access-control-expose-headers': 'content-location, retry-after',
}

/**
 * An HTTP server that answers any request with the session, from its beginning, and one with `Last-Event-ID` with
 * what comes after that event.
 */
export function createReplayServer(session: RecordedSession, faults: readonly Fault[], clock: Clock): Server {
  const punctual = punctualClock(clock)
  const answer = replay(session, { clock: punctual, faults })
  const fetch = async (request: Request) => {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: CORS })
    const response = await answer(request.url, {
      // To the replay, a GET goes on with a run; a page that is opened again wants the whole.
      method: isFollowing(request) ? 'GET' : 'POST',
      headers: request.headers,
      ...(request.method === 'POST' && { body: await request.text() }),
    })
    const type = response.headers.get('content-type')?.startsWith('text/event-stream') ? SSE_HEADERS : {}
    for (const [name, value] of Object.entries({ ...CORS, ...type })) response.headers.set(name, value)
    return response
  }
  // A silence that nobody listens to any longer would keep the process.
  return createServer(toNodeListener({ fetch })).once('close', () => punctual.clearAll())
}

function isFollowing({ method, headers, url }: Request): boolean {
  return (
    method === 'GET' && (headers.has('last-event-id') || /\/runs\/[^/]+\/events$/.test(new URL(url).pathname))
  )
}
