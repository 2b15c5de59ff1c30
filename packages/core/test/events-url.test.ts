import { afterEach, describe, expect, it, vi } from 'vitest'

import type { AgentStreamClientOptions } from '../src/index.ts'
import { setUp, started, token } from './harness.ts'

/** Where the client asks again after a drop, when the answer to its POST says `location`; `null` if it does not. */
async function askedAt(
  endpoint: string,
  location: string,
  options: AgentStreamClientOptions = {},
  responseUrl = '',
): Promise<string | null> {
  const urls: string[] = []
  const fetch = (async (url: string, { method }: RequestInit) => {
    if (method === 'GET') urls.push(url)
    if (urls.length > 0) throw new TypeError('fetch failed')
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(started() + token('a', 2))),
      pull: (controller) => controller.error(new TypeError('terminated')),
    })
    const headers = { 'content-type': 'text/event-stream', ...(location && { 'content-location': location }) }
    return Object.defineProperty(new Response(body, { headers }), 'url', { value: responseUrl })
  }) as typeof globalThis.fetch
  const { client, clock } = setUp([], { retry: { onDrop: 'resume-only' }, ...options, fetch })
  void client.start(endpoint)
  await clock.advance(1000)
  client.detach()
  return urls[0] ?? null
}

const API = 'https://api.example/v1/chat'

describe("where a run's events are", () => {
  afterEach(() => void vi.unstubAllGlobals())

  it.each([
    ['/runs/r1/events', 'https://api.example/runs/r1/events'],
    ['runs/r1/events?x=1', 'https://api.example/v1/runs/r1/events?x=1'],
    ['https://api.example/elsewhere', 'https://api.example/elsewhere'],
  ])('Content-Location %s is resolved against the request', async (location, url) => {
    expect(await askedAt(API, location)).toBe(url)
  })

  it('is resolved against where a redirect has led', async () => {
    const redirected = 'https://api.example/eu/chat'
    expect(await askedAt(API, 'runs/r1/events', {}, redirected)).toBe('https://api.example/eu/runs/r1/events')
  })

  it.each([
    ['https://evil.example/runs/r1/events', ''],
    ['//evil.example/runs/r1/events', ''],
    ['http://api.example/runs/r1/events', ''],
    ['https://api.example:8443/runs/r1/events', ''],
    ['data:text/event-stream,', ''],
    ['http://', ''],
    ['/runs/r1/events', 'https://evil.example/chat'],
  ])(
    'is refused on another origin, as the token would go there: %s, answered by "%s"',
    async (location, url) => {
      expect(await askedAt(API, location, { getToken: () => 'secret' }, url)).toBeNull()
    },
  )

  it('is taken on an origin of eventsOrigins', async () => {
    const eventsOrigins = ['https://runs.example']
    const there = 'https://runs.example/r1/events'
    expect(await askedAt(API, there, { eventsOrigins })).toBe(there)
    expect(await askedAt(API, 'https://runs.example.evil/r1', { eventsOrigins })).toBeNull()
  })

  it('is that of the page for a path, and a path where there is no page', async () => {
    expect(await askedAt('/chat', '/runs/r1/events', {}, 'http://127.0.0.1:3000/chat')).toBe(
      '/runs/r1/events',
    )
    expect(await askedAt('/chat', 'https://evil.example/r1', {}, 'https://evil.example/chat')).toBeNull()
    vi.stubGlobal('document', { baseURI: 'https://page.example/a/', addEventListener() {} })
    vi.stubGlobal('origin', 'https://page.example')
    expect(await askedAt('/chat', '/runs/r1/events', {}, 'https://page.example/chat')).toBe(
      'https://page.example/runs/r1/events',
    )
    expect(await askedAt('/chat', 'https://api.example/runs/r1/events')).toBeNull()
  })

  it('is what eventsUrl says, whatever the server does', async () => {
    const eventsUrl = (runId: string) => `/r/${runId}`
    const options = { eventsUrl, baseUrl: 'https://other.example' }
    expect(await askedAt(API, '/runs/r1/events', options)).toBe('https://other.example/r/r1')
    expect(await askedAt(API, '', options)).toBe('https://other.example/r/r1')
  })

  it('is nowhere when nobody says so', async () => {
    expect(await askedAt(API, '')).toBeNull()
  })
})

describe('resume(runId, callbacks, eventsUrl)', () => {
  it('asks where the run was, if that is of the same origin or one of eventsOrigins', async () => {
    const { client, clock, requests } = setUp([], {
      baseUrl: 'https://api.example',
      eventsOrigins: ['https://runs.example'],
    })
    for (const url of ['https://api.example/x/r1/events', 'https://runs.example/r1']) {
      void client.resume('r1', {}, url)
      await clock.advance(0)
      expect(requests.at(-1)?.url).toBe(url)
    }
    client.detach()
  })

  it.each(['https://evil.example/r1', 'http://', 'javascript:alert(1)'])(
    'rejects with a TypeError what is of another origin or no URL, and repeats none of it: %j',
    async (url) => {
      const { client, requests } = setUp([], { baseUrl: 'https://api.example' })
      const result = client.resume('r1', {}, url)
      await expect(result).rejects.toThrow(/eventsOrigins/)
      await expect(result).rejects.not.toThrow(/evil/)
      expect(requests).toHaveLength(0)
      expect(client.getSnapshot().status).toBe('idle')
    },
  )
})
