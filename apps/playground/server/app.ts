import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { loadCatalogue, type Recording } from './catalogue.ts'
import type { Page } from './page.ts'
import { playedBody } from './play.ts'
import { scheduleOf } from './schedule.ts'
import { readStreamRequest } from './stream-request.ts'

type Env = { Bindings: HttpBindings }

export interface PlaygroundApp {
  readonly app: Hono<Env>
  /** How many streams are being sent. */
  readonly openStreams: () => number
}

const MAX_BODY_BYTES = 10_000
const MAX_KEYS = 1000

/** The playground's routes: the page, the list of recordings, and the stream. */
export function createApp(page: Page): PlaygroundApp {
  const catalogue = loadCatalogue()
  const isRepeat = createKeyMemory()
  let openStreams = 0
  const app = new Hono<Env>()

  app.get('/api/recordings', (c) => c.json([...catalogue.values()].map(listed)))

  app.post(
    '/api/stream',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => failure(c, 413, 'body_too_large', `The body must be at most ${MAX_BODY_BYTES} bytes.`),
    }),
    async (c) => {
      const request = readStreamRequest(await c.req.json().catch(() => undefined))
      if ('problem' in request) return failure(c, 400, 'bad_request', request.problem)
      const recording = catalogue.get(request.recording)
      if (!recording) {
        const message = `There is no recording "${request.recording.slice(0, 60)}"; there are ${[...catalogue.keys()].join(', ')}.`
        return failure(c, 404, 'unknown_recording', message)
      }
      if (request.fault === 'http-403')
        return failure(
          c,
          403,
          'forbidden',
          'You may not run this agent. (The playground refused on purpose.)',
        )

      openStreams++
      const schedule = scheduleOf(recording.events, {
        ...request,
        isRepeat: isRepeat(c.req.header('idempotency-key')),
      })
      const body = playedBody(schedule, {
        hangUp: () => c.env.outgoing.destroy(),
        onEnd: () => openStreams--,
      })
      return c.body(body, 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      })
    },
  )

  app.get('*', (c) => {
    const file = page.get(c.req.path === '/' ? '/index.html' : c.req.path)
    return file
      ? c.body(file.content, 200, { 'content-type': file.contentType })
      : failure(c, 404, 'not_found', `There is nothing at ${c.req.path}.`)
  })

  return { app, openStreams: () => openStreams }
}

function listed({ id, title, about, events, toolCount, durationMs }: Recording) {
  return { id, title, about, event_count: events.length, tool_count: toolCount, duration_ms: durationMs }
}

function failure(c: Context, status: 400 | 403 | 404 | 413, error_type: string, message: string): Response {
  return c.json({ error_type, message }, status)
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
