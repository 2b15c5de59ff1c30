import { type RunServer, type RunStore, SSE_HEADERS } from '@agent-stream/server'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Recording } from './catalogue.ts'
import { failure } from './failure.ts'
import { faultyBody } from './fault-body.ts'
import { playedBody } from './play.ts'
import { scheduleOf } from './schedule.ts'
import { readStreamRequest, type StreamRequest } from './stream-request.ts'

type Env = { Bindings: HttpBindings }

export interface AgentsApp {
  readonly app: Hono<Env>
  /** How many streams without a log are being sent. */
  readonly openStreams: () => number
}

export interface AgentsAppOptions {
  readonly catalogue: ReadonlyMap<string, Recording>
  readonly runs: Pick<RunServer, 'fetch'>
  readonly log: Pick<RunStore, 'get'>
  /** The pages that may use it. */
  readonly origins: readonly string[]
}

const MAX_BODY_BYTES = 10_000
const MAX_KEYS = 1000
const REFUSAL = 'You may not run this agent. (The playground refused on purpose.)'

/** The routes of a process that runs agents: durable runs, and streams without a log. */
export function createAgentsApp({ catalogue, runs, log, origins }: AgentsAppOptions): AgentsApp {
  const isRepeat = createKeyMemory()
  let openStreams = 0
  const app = new Hono<Env>()
  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => failure(c, 413, 'body_too_large', `The body must be at most ${MAX_BODY_BYTES} bytes.`),
  })

  /** The request that a body makes and what it asks for, or the answer that says what is wrong with it. */
  function readRequest(c: Context, body: unknown): Response | [StreamRequest, Recording] {
    const request = readStreamRequest(body)
    if ('problem' in request) return failure(c, 400, 'bad_request', request.problem)
    const recording = catalogue.get(request.recording)
    if (!recording) {
      const message = `There is no recording "${request.recording.slice(0, 60)}"; there are ${[...catalogue.keys()].join(', ')}.`
      return failure(c, 404, 'unknown_recording', message)
    }
    return request.fault === 'http-403' ? failure(c, 403, 'forbidden', REFUSAL) : [request, recording]
  }

  app.post('/api/stream', limited, async (c) => {
    const read = readRequest(c, await c.req.text().then(parsed))
    if (read instanceof Response) return read
    const [request, recording] = read
    openStreams++
    const schedule = scheduleOf(recording.events, {
      ...request,
      isRepeat: isRepeat(c.req.header('idempotency-key')),
    })
    const body = playedBody(schedule, {
      hangUp: () => c.env.outgoing.destroy(),
      onEnd: () => openStreams--,
    })
    return c.body(body, 200, SSE_HEADERS)
  })

  app.post('/runs', limited, async (c) => {
    const body = await c.req.text()
    const read = readRequest(c, parsed(body))
    if (read instanceof Response) return readable(read, c)
    const { url, method, raw } = c.req
    return withFault(c, await runs.fetch(new Request(url, { method, headers: raw.headers, body })), ...read)
  })

  app.get('/runs/:id/events', async (c) => {
    const response = await runs.fetch(c.req.raw)
    // A log that has just gone away breaks no stream: it goes on unbroken.
    const info = response.body && (await log.get(c.req.param('id')).catch(() => undefined))
    const read = info && readRequest(c, parsed(info.input))
    return read && !(read instanceof Response) ? withFault(c, response, ...read) : response
  })

  app.all('/runs/*', (c) => runs.fetch(c.req.raw))
  app.all('/runs', (c) => runs.fetch(c.req.raw))
  app.notFound((c) => failure(c, 404, 'not_found', `There is nothing at ${c.req.path}.`))

  /** The stream of a run, broken as its request wants it. */
  function withFault(
    c: Context<Env>,
    response: Response,
    { fault }: StreamRequest,
    { events }: Recording,
  ): Response {
    if (!response.ok || !response.body) return response
    const body = faultyBody(response.body, {
      fault,
      after: Number(c.req.header('last-event-id') ?? 0),
      eventCount: events.length,
      hangUp: () => c.env.outgoing.destroy(),
    })
    return new Response(body, response)
  }

  /** The run server does this for its own answers. */
  function readable(response: Response, c: Context): Response {
    const origin = c.req.header('origin')
    if (origin && origins.includes(origin)) response.headers.set('access-control-allow-origin', origin)
    return response
  }

  return { app, openStreams: () => openStreams }
}

/** `undefined` for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a key has been here before. Remembers the last thousand. */
function createKeyMemory(): (key: string | undefined) => boolean {
  const keys = new Set<string>()
  return (key) => {
    if (key === undefined) return false
    if (keys.has(key)) return true
    keys.add(key)
    const [oldest] = keys
    if (keys.size > MAX_KEYS && oldest !== undefined) keys.delete(oldest)
    return false
  }
}
