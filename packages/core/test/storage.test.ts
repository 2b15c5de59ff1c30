import { afterEach, describe, expect, it, vi } from 'vitest'

import type { AgentStreamClientOptions } from '../src/index.ts'
import { keepRun } from '../src/storage.ts'
import type { ScriptedResponse } from '../src/testing/index.ts'
import { answer, done, durable, EVENTS, LOST, setUp, started, token } from './harness.ts'

/** Storage in memory, as a browser's. */
function memoryStorage(entries: Readonly<Record<string, string>> = {}) {
  const items = new Map(Object.entries(entries))
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

const RECORD = JSON.stringify({ runId: 'r1', eventsUrl: EVENTS })
const running = durable({ body: [started(), token('a', 2)], end: 'hang' })

/** A page that keeps its client's run in `storage`. */
function page(
  responses: readonly ScriptedResponse[],
  storage = memoryStorage(),
  options: AgentStreamClientOptions = {},
) {
  const { callbacks, ...rest } = setUp(responses, options)
  const stop = keepRun(rest.client, { key: 'chat', storage, callbacks })
  return { ...rest, stop, storage, kept: () => storage.items.get('chat') }
}

describe('keepRun', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('remembers a run as soon as it can be resumed, and forgets it at its end', async () => {
    const { start, clock, kept } = page([
      durable({ body: [{ waitMs: 10 }, started(), { waitMs: 10 }, token('a', 2), done({}, 3)] }),
    ])
    start()
    await clock.advance(0)
    expect(kept()).toBeUndefined()
    await clock.advance(10)
    expect(kept()).toBe(RECORD)
    await clock.advance(10)
    expect(kept()).toBeUndefined()
  })

  it('resumes the run after a reload, from its first event, and forgets it then', async () => {
    const before = page([running], undefined, { getToken: () => 'secret' })
    void before.start()
    await before.clock.advance(0)
    expect([...before.storage.items.values()].join()).not.toContain('secret')

    const after = page([answer(started(), token('a', 2), token('b', 3))], before.storage)
    expect(after.client.getSnapshot().status).toBe('streaming')
    await after.clock.advance(0)
    expect(after.client.getSnapshot()).toMatchObject({ status: 'done', text: 'ab' })
    expect(after.requests[0]).toMatchObject({ url: EVENTS, init: { method: 'GET' } })
    expect(after.told.tokens).toEqual(['a', 'b'])
    expect(after.kept()).toBeUndefined()
  })

  it('keeps a run that is only watched no more, and resumes it when the page is entered again', async () => {
    const { start, client, clock, kept, storage, requests } = page([
      running,
      answer(started(), token('a', 2), token('b', 3)),
    ])
    start()
    await clock.advance(0)
    client.detach()
    expect(kept()).toBe(RECORD)
    keepRun(client, { key: 'chat', storage })
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'ab' })
    expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'GET'])
  })

  it('keeps a run that could not be reached any more', async () => {
    const dropped = durable({ body: [started()], end: 'drop' })
    const { start, clock, client, kept } = page([dropped, ...Array(40).fill(LOST)])
    start()
    await clock.advance(400_000)
    expect(client.getSnapshot().status).toBe('error')
    expect(kept()).toBe(RECORD)
  })

  it('forgets a run that was stopped, that failed, and that is not there any more', async () => {
    const stopped = page([running])
    void stopped.start()
    await stopped.clock.advance(0)
    stopped.client.stop()
    expect(stopped.kept()).toBeUndefined()

    const gone = page([{ status: 404 }], memoryStorage({ chat: RECORD }))
    await gone.clock.advance(0)
    expect(gone.client.getSnapshot()).toMatchObject({ status: 'error' })
    expect(gone.kept()).toBeUndefined()
  })

  it('remembers the run that was started last', async () => {
    const other = durable({ body: ['id: 1\nevent: run_started\ndata: {"run_id":"r2"}\n\n'], end: 'hang' })
    const { start, clock, kept } = page([running, { status: 202 }, other])
    start()
    await clock.advance(0)
    start()
    await clock.advance(0)
    expect(kept()).toContain('r2')
  })

  it('resumes nothing while the client has a run under way, nor one that has ended meanwhile', async () => {
    const { start, client, clock, requests, stop, storage, kept } = page([
      durable({ body: [started(), { waitMs: 100 }, done({}, 2)] }),
    ])
    start()
    await clock.advance(0)
    stop()
    keepRun(client, { key: 'chat', storage })()
    await clock.advance(100)
    expect(client.getSnapshot().status).toBe('done')
    expect(kept()).toBe(RECORD)
    keepRun(client, { key: 'chat', storage })
    await clock.advance(0)
    expect(requests).toHaveLength(1)
    expect(kept()).toBeUndefined()
  })

  it('survives a double mount: each resumes, the last one stays', async () => {
    const { client, clock, requests, stop, storage } = page(
      [{ body: [started()], end: 'hang' }, answer(started(), token('a', 2))],
      memoryStorage({ chat: RECORD }),
    )
    await clock.advance(0)
    client.detach()
    stop()
    keepRun(client, { key: 'chat', storage })
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'a' })
    expect(requests).toHaveLength(2)
  })

  it.each([
    'nonsense',
    'null',
    '7',
    '[]',
    '{}',
    '{"runId":"r1"}',
    '{"runId":".","eventsUrl":"/x"}',
    '{"runId":7,"eventsUrl":{}}',
    JSON.stringify({ runId: 'r1', eventsUrl: 'https://evil.example/runs/r1/events' }),
  ])('sends no token anywhere for nonsense in the storage: %s', async (text) => {
    const { client, clock, requests } = page([{ status: 404 }], memoryStorage({ chat: text }), {
      baseUrl: 'https://api.example',
      getToken: () => 'secret',
    })
    await clock.advance(0)
    expect(requests).toHaveLength(0)
    expect(client.getSnapshot().status).toBe('idle')
  })

  it('goes without storage that is blocked, full or missing', async () => {
    const broken = {
      getItem: () => {
        throw new DOMException('blocked', 'SecurityError')
      },
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
      removeItem: () => {
        throw new DOMException('blocked', 'SecurityError')
      },
    }
    for (const storage of [broken, undefined]) {
      vi.stubGlobal('sessionStorage', undefined)
      const { client, clock, start } = setUp([answer(token('a'))])
      keepRun(client, { key: 'chat', ...(storage && { storage }) })
      start()
      await clock.advance(0)
      expect(client.getSnapshot().status).toBe('done')
    }
  })

  it("uses the tab's sessionStorage by default, and nothing more once it is ended", async () => {
    const storage = memoryStorage()
    vi.stubGlobal('sessionStorage', storage)
    const { client, clock, start } = setUp([running])
    const stop = keepRun(client, { key: 'chat' })
    start()
    await clock.advance(0)
    expect([...storage.items]).toEqual([['chat', RECORD]])
    stop()
    client.stop()
    expect([...storage.items]).toEqual([['chat', RECORD]])
  })
})
