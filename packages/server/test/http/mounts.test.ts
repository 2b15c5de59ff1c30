import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { serve } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'

import {
  type AgentContext,
  allowAll,
  createRunServer,
  memoryLog,
  type RunServer,
  toNodeListener,
} from '../../src/index.ts'
import { createReader } from './run-server-harness.ts'

async function* agent({ requestInput, input }: AgentContext) {
  const { tokens = 1, chars = 1 } = input as { tokens?: number; chars?: number }
  for (let n = 0; n < tokens; n++) yield { type: 'token', text: 'x'.repeat(chars) } as const
  const answer = await requestInput({ message: 'Go on?' })
  yield { type: 'token', text: ` ${answer}` } as const
}

const mounts: Record<string, (server: RunServer) => Promise<Server>> = {
  'node:http': async (server) => listening(createServer(toNodeListener(server))),
  Hono: (server) => {
    const app = new Hono()
    app.all('/api/*', ({ req }) => server.fetch(req.raw))
    return new Promise((resolve) => {
      const listener = serve({ fetch: app.fetch, port: 0 }, () => resolve(listener as Server))
    })
  },
  Express: async (server) => {
    const app = express()
    app.use('/api', toNodeListener(server))
    return listening(createServer(app as RequestListener))
  },
  'Express behind a body parser': async (server) => {
    const app = express()
    app.use(express.json())
    app.use('/api', toNodeListener(server))
    return listening(createServer(app as RequestListener))
  },
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

async function open(mount: (server: RunServer) => Promise<Server>) {
  const log = memoryLog()
  let followers = 0
  const counted: typeof log = {
    ...log,
    async *follow(...args) {
      followers++
      try {
        yield* log.follow(...args)
      } finally {
        followers--
      }
    },
  }
  const server = createRunServer({
    log: counted,
    agent,
    authorize: allowAll,
    basePath: '/api',
    heartbeatMs: 50,
    readerTimeoutMs: 1000,
    onError: () => undefined,
  })
  const http = await mount(server)
  const { port } = http.address() as AddressInfo
  closing.push(
    () => server.close(),
    () => http.closeAllConnections(),
    () => http.close(),
  )
  const url = `http://127.0.0.1:${port}`
  const post = (path: string, body: unknown) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { url, port, post, http, followers: () => followers }
}

describe.each(Object.entries(mounts))('under %s', (_, mount) => {
  it('a run is started, followed by a second reader, answered and resumed', async () => {
    const { url, post } = await open(mount)
    const response = await post('/api/runs', {})
    const events = response.headers.get('content-location') as string
    const first = createReader(response)
    await first.until(() => first.state.pendingInputs.length === 1)
    const second = createReader(await fetch(url + events))
    await second.until(() => second.state.pendingInputs.length === 1)
    const answered = await post(events.replace('events', 'input'), { input_id: 'input-1', answer: 'yes' })
    expect(answered.status).toBe(200)
    await Promise.all([first.toEnd(), second.toEnd()])
    expect(first.state).toMatchObject({ text: 'x yes', reconciled: true })
    expect(second.state).toEqual(first.state)
    const rest = createReader(await fetch(url + events, { headers: { 'Last-Event-ID': '4' } }))
    await rest.toEnd()
    expect(rest.messages.map(({ id }) => id)).toEqual(['5', '6'])
    expect((await fetch(url + events, { headers: { 'Last-Event-ID': '6' } })).status).toBe(204)
  })

  it('what a reader costs ends with it, and the run goes on', async () => {
    const { url, post, followers } = await open(mount)
    const abort = new AbortController()
    const started = await post('/api/runs', {})
    const events = started.headers.get('content-location') as string
    await started.body?.cancel()
    const response = await fetch(url + events, { signal: abort.signal })
    const reader = createReader(response)
    await reader.until(() => reader.state.pendingInputs.length === 1)
    expect(followers()).toBeGreaterThan(0)
    abort.abort()
    await vi.waitFor(() => expect(followers()).toBe(0))
    const { status } = (await (await fetch(url + events.replace('/events', ''))).json()) as { status: string }
    expect(status).toBe('running')
  })

  it('a body that is too large, or of no JSON, gets a clear answer', async () => {
    const { post, url } = await open(mount)
    expect((await post('/api/runs', 'x'.repeat(2_000_000))).status).toBe(413)
    const response = await fetch(`${url}/api/runs`, { method: 'POST', body: 'a=1' })
    expect([400, 415]).toContain(response.status)
  })

  it('a reader that takes nothing is dropped, and delays nobody', async () => {
    const { url, post, port, followers } = await open(mount)
    // More than the buffers of a connection hold.
    const started = await post('/api/runs', { tokens: 30, chars: 500_000 })
    const events = started.headers.get('content-location') as string
    await started.body?.cancel()
    const socket = connect(port, '127.0.0.1')
    closing.push(() => socket.destroy())
    socket.on('error', () => undefined).pause()
    socket.write(`GET ${events} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await vi.waitFor(() => expect(followers()).toBe(1))
    const reader = createReader(await fetch(url + events))
    await reader.until(() => reader.state.pendingInputs.length === 1)
    expect(reader.state.text.length).toBe(15_000_000)
    await reader.cancel()
    await vi.waitFor(() => expect(followers()).toBe(0), 5000)
  })
})

describe('toNodeListener', () => {
  it('answers whatever a client says of host, path and method', async () => {
    const { port } = await open(mounts['node:http'] as never)
    const ask = (options: object) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        get({ port, host: '127.0.0.1', ...options }, resolve).on('error', reject)
      })
    expect((await ask({ path: '/api/runs', headers: { host: 'a b' } })).statusCode).toBe(200)
    expect((await ask({ path: '//x/runs' })).statusCode).toBe(404)
    expect((await ask({ path: 'http://other.example/api/runs' })).statusCode).toBe(200)
    expect((await ask({ path: '/api/runs', method: 'TRACE' })).statusCode).toBe(400)
    expect((await ask({ path: '/api/runs', method: 'PROPFIND' })).statusCode).toBe(405)
  })
})
