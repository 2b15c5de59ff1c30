import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentStreamClient } from '@agent-stream/core'
import { createFold, decodeEvent, type RunState } from '@agent-stream/protocol'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { createRedisServer } from '../../../packages/server/test/log/redis/redis-server.ts'
import { type Task, textOf } from './agent.ts'
import { crashLoop } from './crash-loop.ts'
import { readEvents, type Seen } from './event-reader.ts'
import { freePort, startServer } from './server-process.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const call of undo.splice(0).reverse()) await call()
})

async function openRedis() {
  const redis = createRedisServer()
  undo.push(() => redis.dispose())
  await redis.start()
  return redis
}

async function openProcess(place: string, ...flags: string[]) {
  const server = await startServer({ store: 'redis', place, port: await freePort(), flags })
  undo.push(() => server.kill('SIGKILL'))
  return server
}

async function post(url: string, body: unknown) {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** Starts a run; returns the path of its events. */
async function startRun(url: string, task: Task): Promise<string> {
  const response = await post(`${url}/runs`, task)
  await response.body?.cancel()
  return response.headers.get('content-location') as string
}

function watch(url: string) {
  const stop = new AbortController()
  undo.push(() => stop.abort())
  return readEvents(url, stop.signal)
}

function stateOf({ events }: Seen): RunState {
  const fold = createFold()
  for (const { seq, event, data } of events) {
    const decoded = decodeEvent({ event, data })
    if (decoded.type !== 'warning') fold.apply(decoded, seq)
  }
  return fold.snapshot()
}

describe('two processes on one Redis', () => {
  it('follow, answer and cancel each other’s runs', async () => {
    const redis = await openRedis()
    const [a, b] = await Promise.all([openProcess(redis.socketPath), openProcess(redis.socketPath)])
    const answered = await startRun(a.url, { tokens: 20, asks: true })
    const reader = watch(b.url + answered)
    await vi.waitFor(() => expect(stateOf(reader.seen).pendingInputs).toHaveLength(1))
    const answer = { input_id: 'go-on', answer: 'yes' }
    expect((await post(b.url + answered.replace('events', 'input'), answer)).status).toBe(200)
    expect(stateOf(await reader.finished)).toMatchObject({
      text: textOf(20),
      outcome: 'complete',
      reconciled: true,
    })

    const cancelled = await startRun(a.url, { tokens: 1000, gapMs: 20 })
    const second = watch(b.url + cancelled)
    await vi.waitFor(() => expect(second.seen.events.length).toBeGreaterThan(3))
    expect((await post(b.url + cancelled.replace('events', 'cancel'), {})).status).toBe(202)
    expect(stateOf(await second.finished)).toMatchObject({ outcome: 'stopped', reconciled: true })
    expect(a.messages.some(({ type }) => type === 'aborted')).toBe(true)
  }, 30_000)

  it('cancel each other’s runs also when the hint is lost', async () => {
    const redis = await openRedis()
    const [a, b] = await Promise.all([
      openProcess(redis.socketPath, '--no-hints'),
      openProcess(redis.socketPath),
    ])
    const events = await startRun(a.url, { tokens: 1000, gapMs: 20 })
    const reader = watch(b.url + events)
    await vi.waitFor(() => expect(reader.seen.events.length).toBeGreaterThan(3))
    await post(b.url + events.replace('events', 'cancel'), {})
    expect(stateOf(await reader.finished).outcome).toBe('stopped')
  }, 30_000)

  it('lose nothing that readers saw, whenever a process is killed', async () => {
    const redis = await openRedis()
    const report = await crashLoop({ store: 'redis', place: redis.socketPath, rounds: 5, seed: 2 })
    expect(report.faults).toEqual([])
    expect(report.runs).toBeGreaterThan(0)
    expect(report.reconnects).toBeGreaterThan(0)
  }, 60_000)
})

describe('a Redis', () => {
  it('that is away at the start is waited for, and said to be away', async () => {
    const redis = createRedisServer()
    undo.push(() => redis.dispose())
    const server = await openProcess(redis.socketPath)
    const answer = await post(`${server.url}/runs`, { tokens: 3 })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'log_unavailable' })
    await redis.start()
    await vi.waitFor(async () => {
      const events = await startRun(server.url, { tokens: 3 })
      expect(stateOf(await watch(server.url + events).finished).text).toBe(textOf(3))
    }, 10_000)
  }, 30_000)

  it('that dies in the middle of a run and comes back has lost nothing, and the run goes on', async () => {
    const redis = await openRedis()
    const server = await openProcess(redis.socketPath)
    const events = await startRun(server.url, { tokens: 300, gapMs: 5 })
    const reader = watch(server.url + events)
    await vi.waitFor(() => expect(reader.seen.events.length).toBeGreaterThan(20))
    await redis.kill()
    expect((await fetch(server.url + events)).status).toBe(503)
    await sleep(500)
    await redis.start()
    expect(stateOf(await reader.finished)).toMatchObject({
      text: textOf(300),
      outcome: 'complete',
      reconciled: true,
      seq: { last: 302, gaps: [], duplicates: 0 },
    })
  }, 30_000)

  it('that comes back without its last events is told them again, and its readers see no event twice', async () => {
    const redis = await openRedis()
    const server = await openProcess(redis.socketPath)
    const shown: string[] = []
    const client = new AgentStreamClient({ baseUrl: server.url })
    undo.push(() => client.detach())
    const result = client.start('/runs', { tokens: 400, gapMs: 5 } satisfies Task, {
      onToken: (text) => shown.push(text),
      onRestart: () => shown.splice(0),
    })
    await vi.waitFor(() => expect(shown.length).toBeGreaterThan(20))
    const saved = join(redis.folder, 'saved')
    await cp(join(redis.folder, 'appendonlydir'), saved, { recursive: true })
    const savedAt = shown.length
    await vi.waitFor(() => expect(shown.length).toBeGreaterThan(savedAt + 50))
    await redis.kill()
    await rm(join(redis.folder, 'appendonlydir'), { recursive: true })
    await cp(saved, join(redis.folder, 'appendonlydir'), { recursive: true })
    await redis.start()
    expect(await result).toMatchObject({ status: 'done', outcome: 'complete' })
    expect(shown.join('')).toBe(textOf(400))
    expect(client.getSnapshot()).toMatchObject({
      text: textOf(400),
      reconciled: true,
      seq: { gaps: [], duplicates: 0 },
    })
  }, 30_000)
})
