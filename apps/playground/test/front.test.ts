import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fold } from '@agent-stream/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogue, runIdOf, stateOf } from './agents.ts'
import { type Playground, startPlayground } from './playground.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const { text: ANSWER } = fold(catalogue.get('repository-question')?.events.map(({ event }) => event) ?? [])

interface ServersState {
  readonly log: string
  readonly servers: { port: number; pid: number | null; restarts: number }[]
}

let playground: Playground

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground?.[Symbol.asyncDispose]())

describe('the front', () => {
  it('serves the page', async () => {
    const page = await fetch(playground.url)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).toContain('agent-stream playground')
    expect((await fetch(`${playground.url}/../package.json`)).status).toBe(404)
  })

  it('lists what can be played', async () => {
    const listed = (await (await fetch(`${playground.url}/api/recordings`)).json()) as { id: string }[]
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

  it('tells which process runs agents', async () => {
    const { log, servers } = await serversOf(playground)
    expect(log).toBe('file')
    expect(servers).toEqual([
      { port: Number(new URL(playground.url).port), pid: expect.any(Number), restarts: expect.any(Number) },
    ])
    expect(servers[0]?.pid).not.toBe(playground.process.pid)
  })

  it('kills it, breaks what it streamed, and has another one go on with the run', async () => {
    const response = await start(playground.url)
    const before = await stateOf(response, ({ text }) => text !== '')
    expect(before.outcome).toBeNull()
    const [was] = (await serversOf(playground)).servers
    const killed = await post(`${playground.url}/api/servers/1/kill`, {})
    const [is] = ((await killed.json()) as ServersState).servers
    expect(is?.restarts).toBe((was?.restarts ?? 0) + 1)
    expect(is?.pid).not.toBe(was?.pid)
    expect(() => process.kill(was?.pid ?? 0, 0)).toThrow('ESRCH')

    const whole = await stateOf(await fetch(`${playground.url}/runs/${runIdOf(response)}/events`))
    expect(whole).toMatchObject({ text: ANSWER, outcome: 'complete', reconciled: true })
  })

  it('kills nothing for a page of another origin', async () => {
    const url = `${playground.url}/api/servers/1/kill`
    const form = await fetch(url, { method: 'POST', body: 'text' })
    expect(form.status).toBe(415)
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: 'http://other.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    expect((await post(`${playground.url}/api/servers/7/kill`, {})).status).toBe(404)
  })
})

describe('npm run start', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends at once on %s, though a stream is open', async (signal) => {
    await using playground = await startPlayground()
    const response = await start(playground.url, { speed: 0.01 })
    expect(response.status).toBe(200)
    const [backend] = (await serversOf(playground)).servers
    const exit = once(playground.process, 'exit')
    playground.process.kill(signal)
    expect(await exit).toEqual([0, null])
    await expect(response.text()).rejects.toThrow()
    expect(() => process.kill(backend?.pid ?? 0, 0)).toThrow('ESRCH')
  })

  it('keeps its runs in STATE_DIR, and shows them again after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agent-stream-test-'))
    try {
      const runId = await (async () => {
        await using playground = await startPlayground({ env: { STATE_DIR: folder } })
        const response = await start(playground.url)
        await stateOf(response, ({ text }) => text !== '')
        return runIdOf(response)
      })()
      expect(readdirSync(join(folder, 'runs')).some((file) => file.startsWith(runId))).toBe(true)
      await using again = await startPlayground({ env: { STATE_DIR: folder } })
      await expect(startPlayground({ env: { STATE_DIR: folder } })).rejects.toThrow(
        /playground: The folder .* belongs to process \d+/,
      )
      const state = await stateOf(await fetch(`${again.url}/runs/${runId}/events`))
      expect(state).toMatchObject({ text: ANSWER, outcome: 'complete', reconciled: true })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('has two servers on one Redis with --redis, and either goes on with what the other began', async () => {
    await using playground = await startPlayground({ args: ['--redis'] })
    const { log, servers } = await serversOf(playground)
    expect(log).toBe('redis')
    expect(servers).toHaveLength(2)
    const response = await start(playground.url)
    const other = stateOf(await fetch(`${playground.secondUrl}/runs/${runIdOf(response)}/events`))
    await stateOf(response, ({ text }) => text !== '')
    await post(`${playground.url}/api/servers/1/kill`, {})
    expect(await other).toMatchObject({ text: ANSWER, outcome: 'complete', reconciled: true })
  })

  it('says so when something is wrong with what it was given', async () => {
    await expect(startPlayground({ env: { PORT: 'http' } })).rejects.toThrow('PORT is "http"; give a number')
    await expect(startPlayground({ args: ['--what'] })).rejects.toThrow('"--what" is not known')
    await expect(startPlayground({ args: ['--redis'], env: { PATH: '/nowhere' } })).rejects.toThrow(
      'redis-server is not installed. Install it',
    )
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const port = String((taken.address() as AddressInfo).port)
    await expect(startPlayground({ env: { PORT: port } })).rejects.toThrow(`Port ${port} cannot be used`)
    taken.close()
  })
})

async function serversOf({ url }: Playground): Promise<ServersState> {
  return (await fetch(`${url}/api/servers`)).json() as Promise<ServersState>
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
}

function start(url: string, more: object = {}): Promise<Response> {
  return post(`${url}/runs`, { recording: 'repository-question', speed: 4, ...more })
}
