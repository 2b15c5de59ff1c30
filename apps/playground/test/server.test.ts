import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp } from '../server/app.ts'
import type { Page } from '../server/page.ts'
import { startPlayground } from './playground.ts'

const page: Page = new Map([['/index.html', { content: '<p>page</p>', contentType: 'text/html' }]])
const { app, openStreams } = createApp(page)
const server = createServer(getRequestListener(app.fetch))
let url = ''

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

describe('GET /api/recordings', () => {
  it('lists what can be played', async () => {
    const listed = (await (await fetch(`${url}/api/recordings`)).json()) as { id: string }[]
    expect(listed[0]).toEqual({
      id: 'repository-question',
      title: 'Ask about a repository',
      about: 'Thinking, one MCP tool, an answer.',
      event_count: 161,
      tool_count: 1,
      duration_ms: 8128,
    })
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length)
  })
})

describe('POST /api/stream', () => {
  it('streams the recording as an event stream that nothing may hold back', async () => {
    const response = await post({ recording: 'sub-agent', speed: 10_000 })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    expect(await response.text()).toMatch(/^event: turn\ndata: .*\n\n[\s\S]*event: done\ndata: .*\n\n$/)
  })

  it.each([
    ['not JSON', 'hello', 400, 'bad_request', 'The body must be a JSON object'],
    ['a wrong speed', { recording: 'sub-agent', speed: -1 }, 400, 'bad_request', '"speed" must be'],
    [
      'a wrong fault',
      { recording: 'sub-agent', fault: 'x' },
      400,
      'bad_request',
      '"fault" must be one of none',
    ],
    [
      'an unknown recording',
      { recording: '../../etc/passwd' },
      404,
      'unknown_recording',
      'There is no recording',
    ],
    [
      'a body that is too large',
      { recording: 'x'.repeat(20_000) },
      413,
      'body_too_large',
      'at most 10000 bytes',
    ],
    [
      'the fault that refuses',
      { recording: 'sub-agent', fault: 'http-403' },
      403,
      'forbidden',
      'You may not run',
    ],
  ])('answers %s with one clear error', async (_, body, status, errorType, message) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({
      error_type: errorType,
      message: expect.stringContaining(message),
    })
  })

  it('cuts the first request of a key, and streams its repeat whole', async () => {
    const drop = () =>
      post({ recording: 'sub-agent', speed: 10_000, fault: 'drop' }, { 'idempotency-key': 'one' })
    await expect(drop().then((response) => response.text())).rejects.toThrow()
    expect(await (await drop()).text()).toContain('event: done')
  })

  it('stops when the client leaves', async () => {
    const leave = new AbortController()
    const response = await post({ recording: 'sub-agent', speed: 0.01 }, {}, leave.signal)
    expect(response.status).toBe(200)
    expect(openStreams()).toBe(1)
    leave.abort()
    await vi.waitFor(() => expect(openStreams()).toBe(0))
  })
})

describe('the page', () => {
  it('is served at the root, and nothing where there is nothing', async () => {
    expect(await (await fetch(url)).text()).toBe('<p>page</p>')
    const missing = await fetch(`${url}/../package.json`)
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({ error_type: 'not_found' })
  })
})

describe('npm run start', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends at once on %s, though a stream is open', async (signal) => {
    await using playground = await startPlayground()
    const response = await fetch(`${playground.url}/api/stream`, {
      method: 'POST',
      body: JSON.stringify({ recording: 'sub-agent', speed: 0.01 }),
    })
    expect(response.status).toBe(200)
    const exit = once(playground.process, 'exit')
    playground.process.kill(signal)
    expect(await exit).toEqual([0, null])
    await expect(response.text()).rejects.toThrow()
  })

  it('says so when PORT is no port or is taken', async () => {
    await expect(startPlayground({ PORT: 'http' })).rejects.toThrow('PORT is "http"; give a number')
    const taken = String((server.address() as AddressInfo).port)
    await expect(startPlayground({ PORT: taken })).rejects.toThrow(`Port ${taken} cannot be used`)
  })
})

function post(body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/api/stream`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  })
}
