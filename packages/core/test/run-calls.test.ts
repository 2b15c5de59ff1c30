import { describe, expect, it } from 'vitest'

import { AgentStreamError } from '../src/index.ts'
import { answer, done, durable, EVENTS, LOST, setUp, sse, started, token } from './harness.ts'

const running = durable({ body: [started(), token('a', 2)], end: 'hang' })
const ACCEPTED = { status: 202, headers: { 'content-type': 'application/json' }, body: ['{}'] }
const refused = (status: number, body: string) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: [body],
})

/** The requests as text: `POST /chat {"message":"hi"}`. */
const lines = (requests: readonly { url: string; init: RequestInit }[]) =>
  requests.map(({ url, init }) => `${init.method} ${url} ${init.body ?? ''}`.trim())
const CHAT = 'POST /chat {"message":"hi"}'
const CANCEL = 'POST /runs/r1/cancel {}'

describe('respond', () => {
  it('posts the answer to the run, and resolves when it is accepted', async () => {
    const { start, client, clock, requests } = setUp([running, ACCEPTED], { getToken: () => 'secret' })
    start()
    await clock.advance(0)
    const answered = client.respond('i1', { choice: 2 })
    await clock.advance(0)
    expect(await answered).toBeUndefined()
    expect(lines(requests)).toEqual([CHAT, 'POST /runs/r1/input {"input_id":"i1","answer":{"choice":2}}'])
    expect(requests[1]?.init.headers).toEqual({
      'Content-Type': 'application/json',
      Authorization: 'Bearer secret',
    })
    expect(client.getSnapshot().status).toBe('streaming')
  })

  it('rejects with what the server says, and the run goes on', async () => {
    const conflict = refused(409, '{"code":"input_answered","message":"Answered otherwise","answer":false}')
    const { start, client, clock, requests } = setUp([running, conflict])
    start()
    await clock.advance(0)
    const failure = client.respond('i1', true).catch((error: unknown) => error)
    await clock.advance(60_000)
    const error = await failure
    expect(error).toBeInstanceOf(AgentStreamError)
    expect(error).toMatchObject({
      code: 'http_error',
      status: 409,
      message: 'Answered otherwise',
      retryable: false,
      details: { code: 'input_answered', answer: false },
    })
    expect(requests).toHaveLength(2)
    expect(client.getSnapshot().status).toBe('streaming')
  })

  it('is tried again where that may help, three times', async () => {
    const { start, client, clock, requests } = setUp([
      running,
      LOST,
      { status: 503, headers: { 'retry-after': '10' } },
      { headersAfterMs: 1e9 },
      ACCEPTED,
    ])
    start()
    await clock.advance(0)
    const answered = client.respond('i1', true)
    await clock.advance(200_000)
    await answered
    // 1 s after the lost one, 10 s as it was asked to, 60 s for headers that never come and 4 s.
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 0, 1000, 11_000, 75_000])
    expect(requests[3]?.isAborted).toBe(true)

    const lost = setUp([running, ...Array(9).fill(LOST)])
    lost.start()
    await lost.clock.advance(0)
    const failure = lost.client.respond('i1', true).catch((error: unknown) => error)
    await lost.clock.advance(60_000)
    expect(await failure).toMatchObject({ code: 'network_error', retryable: true })
    expect(lost.requests).toHaveLength(5)
  })

  it('has the token asked for once more on 401', async () => {
    let count = 0
    const { start, client, clock, requests } = setUp([running, { status: 401 }, ACCEPTED], {
      getToken: () => `t${++count}`,
    })
    start()
    await clock.advance(0)
    const answered = client.respond('i1', true)
    await clock.advance(0)
    await answered
    expect(requests[2]?.init.headers).toMatchObject({ Authorization: 'Bearer t3' })
  })

  it('rejects with a TypeError where no run is known', async () => {
    const { client, start, clock } = setUp([answer(token('a'))])
    await expect(client.respond('i1', true)).rejects.toThrow(TypeError)
    start()
    await clock.advance(0)
    await expect(client.cancel()).rejects.toThrow(/Content-Location|eventsUrl/)
  })

  it('reaches the run while it is resumed, and when it is watched no more', async () => {
    const { start, client, clock, requests } = setUp([
      durable({ body: [started(), token('a', 2)], end: 'drop' }),
      ACCEPTED,
      { body: [token('b', 3)], end: 'hang' },
      ACCEPTED,
    ])
    start()
    await clock.advance(500)
    await client.respond('i1', 1)
    await clock.advance(1000)
    client.detach()
    await client.respond('i2', 2)
    expect(lines(requests).filter((line) => line.includes('/input'))).toHaveLength(2)
  })
})

describe('cancel', () => {
  it('asks the server to end the run, or one tool call; the stream tells the end', async () => {
    const { start, client, clock, requests } = setUp([
      durable({ body: [started(), { waitMs: 100 }, done({ aborted: true }, 2)] }),
      ACCEPTED,
      ACCEPTED,
    ])
    const result = start()
    await clock.advance(0)
    await client.cancel('t1')
    await client.cancel()
    expect(lines(requests).slice(1)).toEqual(['POST /runs/r1/cancel {"tool_use_id":"t1"}', CANCEL])
    expect(client.getSnapshot().status).toBe('streaming')
    await clock.advance(100)
    expect(await result).toMatchObject({ status: 'done', outcome: 'stopped' })
  })

  it.each([
    ['https://x.example/v1/runs/r1/events?tenant=a', 'https://x.example/v1/runs/r1/cancel?tenant=a'],
    ['https://x.example/streams/events/7', 'https://x.example/streams/events/7/cancel'],
  ])('asks beside the events: %s', async (events, cancel) => {
    const { client, clock, requests } = setUp([{ body: [], end: 'hang' }, ACCEPTED], {
      eventsUrl: () => events,
    })
    void client.resume('r1')
    await clock.advance(0)
    await client.cancel()
    expect(requests[1]?.url).toBe(cancel)
  })
})

describe('stop', () => {
  it('ends the run here at once, and then has the server cancel it', async () => {
    const { start, client, clock, requests, told } = setUp([running, ACCEPTED])
    const result = start()
    await clock.advance(0)
    client.stop()
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', text: 'a', isDone: true })
    expect(requests[0]?.isAborted).toBe(true)
    expect(told.dones).toEqual([expect.objectContaining({ aborted: true })])
    expect(await result).toMatchObject({ status: 'stopped' })
    await clock.advance(0)
    expect(lines(requests)).toEqual([CHAT, CANCEL])
    expect(requests[1]?.init.keepalive).toBe(true)
  })

  it('tries again when the cancel is lost, and says nothing of it', async () => {
    const { start, client, clock, requests, told } = setUp([running, LOST, { status: 503 }, ACCEPTED])
    start()
    await clock.advance(0)
    client.stop()
    await clock.advance(60_000)
    expect(lines(requests)).toEqual([CHAT, CANCEL, CANCEL, CANCEL])
    expect(told.errors).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })

  it('cancels while a retry is waited for, and while a resumed request has no answer yet', async () => {
    const waiting = setUp([durable({ body: [started()], end: 'drop' }), ACCEPTED])
    waiting.start()
    await waiting.clock.advance(500)
    waiting.client.stop()
    await waiting.clock.advance(60_000)
    expect(lines(waiting.requests)).toEqual([CHAT, CANCEL])

    const asking = setUp([durable({ body: [started()], end: 'drop' }), { headersAfterMs: 1e9 }, ACCEPTED])
    asking.start()
    await asking.clock.advance(1500)
    asking.client.stop()
    expect(asking.requests[1]?.isAborted).toBe(true)
    await asking.clock.advance(60_000)
    expect(lines(asking.requests)).toEqual([CHAT, `GET ${EVENTS}`, CANCEL])
  })

  it('cancels a run that was resumed', async () => {
    const { client, clock, requests } = setUp([{ headersAfterMs: 1e9 }, ACCEPTED])
    void client.resume('r1')
    await clock.advance(0)
    client.stop()
    await clock.advance(0)
    expect(lines(requests)).toEqual([`GET ${EVENTS}`, CANCEL])
  })

  it('is what start() does to the run before, but not resume()', async () => {
    const { start, client, clock, requests } = setUp([
      running,
      ACCEPTED,
      running,
      { body: [started()], end: 'hang' },
    ])
    start()
    await clock.advance(0)
    start()
    await clock.advance(0)
    void client.resume('r2')
    await clock.advance(0)
    expect(lines(requests)).toEqual([CHAT, CANCEL, CHAT, 'GET /runs/r2/events'])
  })

  it('cancels nothing when nothing runs', async () => {
    const { start, client, clock, requests } = setUp([durable({ body: [started(), done({}, 2)] })])
    start()
    await clock.advance(0)
    client.stop()
    client.reset()
    client.stop()
    await clock.advance(60_000)
    expect(requests).toHaveLength(1)
  })

  it('may be called from a callback', async () => {
    const { client, clock, requests } = setUp([running, ACCEPTED])
    const result = client.start('/chat', { message: 'hi' }, { onToken: () => client.stop() })
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'stopped' })
    expect(lines(requests)).toEqual([CHAT, CANCEL])
  })
})

describe('stop before it is known which run it is', () => {
  it('keeps the request open to learn it, cancels, and aborts', async () => {
    const { start, client, clock, requests, told } = setUp([{ ...running, headersAfterMs: 20_000 }, ACCEPTED])
    const result = start()
    await clock.advance(10)
    client.stop()
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', isDone: true })
    expect(await result).toMatchObject({ status: 'stopped' })
    expect(requests[0]?.isAborted).toBe(false)
    await clock.advance(20_000)
    expect(lines(requests)).toEqual([CHAT, CANCEL])
    expect(requests[0]?.isAborted).toBe(true)
    expect(told.tokens).toEqual([])
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', text: '', eventCount: 0 })
    expect(clock.pendingCount).toBe(0)
  })

  it('gives up after 30 s', async () => {
    const { start, client, clock, requests } = setUp([{ ...running, headersAfterMs: 1e9 }])
    start()
    await clock.advance(10)
    client.stop()
    await clock.advance(29_999)
    expect(requests[0]?.isAborted).toBe(false)
    await clock.advance(1)
    expect(requests[0]?.isAborted).toBe(true)
    expect(requests).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  it('aborts as soon as the server turns out to keep no runs', async () => {
    const { start, client, clock, requests } = setUp([
      { body: [token('a')], end: 'hang', headersAfterMs: 5000 },
    ])
    start()
    await clock.advance(10)
    client.stop()
    await clock.advance(5000)
    expect(requests[0]?.isAborted).toBe(true)
    expect(requests).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  it.each([{ status: 500 }, LOST])('is over when the request fails: %o', async (failure) => {
    const { start, client, clock, requests } = setUp([{ ...failure, headersAfterMs: 5000 }])
    start()
    await clock.advance(10)
    client.stop()
    await clock.advance(5000)
    expect(requests).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  it('reads on to run_started where eventsUrl tells the rest, and tells nobody of what it reads', async () => {
    const { start, client, clock, requests, told } = setUp(
      [
        {
          body: [
            'retry: 500\n\n',
            ': heartbeat\n\n',
            { waitMs: 1000 },
            sse('custom', { name: 'x' }),
            { waitMs: 1000 },
            started() + token('late', 2),
          ],
          end: 'hang',
        },
        ACCEPTED,
      ],
      { eventsUrl: (runId) => `/runs/${runId}/events` },
    )
    start()
    await clock.advance(500)
    client.stop()
    expect(requests[0]?.isAborted).toBe(false)
    await clock.advance(1500)
    expect(lines(requests)).toEqual([CHAT, CANCEL])
    expect(requests[0]?.isAborted).toBe(true)
    expect(told.tokens).toEqual([])
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', runId: null })
  })

  it('sends nothing more when it has not been asked yet, or is asked for a token', async () => {
    let give: (token: string) => void = () => {}
    const getToken = () => new Promise<string>((resolve) => (give = resolve))
    const unsent = setUp([running], { getToken })
    unsent.start()
    await unsent.clock.advance(0)
    unsent.client.stop()
    give('late')
    await unsent.clock.advance(60_000)
    expect(unsent.requests.filter(({ isAborted }) => !isAborted)).toEqual([])

    const renewing = setUp([{ status: 401 }, running], { getToken })
    renewing.start()
    await renewing.clock.advance(0)
    give('old')
    await renewing.clock.advance(0)
    renewing.client.stop()
    give('new')
    await renewing.clock.advance(60_000)
    expect(renewing.requests).toHaveLength(1)
    expect(renewing.clock.pendingCount).toBe(0)
  })

  it('does not hold up the next run', async () => {
    const { start, client, clock, requests } = setUp([
      { ...running, headersAfterMs: 5000 },
      answer(token('second')),
      ACCEPTED,
    ])
    start()
    await clock.advance(10)
    const second = start()
    await clock.advance(10)
    expect(await second).toMatchObject({ status: 'done' })
    await clock.advance(5000)
    expect(lines(requests)).toEqual([CHAT, CHAT, CANCEL])
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'second' })
  })
})

describe('detach', () => {
  it('closes the socket only: known run or not, nothing is cancelled', async () => {
    for (const response of [running, { ...running, headersAfterMs: 5000 }]) {
      const { start, client, clock, requests } = setUp([response, ACCEPTED])
      const result = start()
      await clock.advance(10)
      client.detach()
      expect(await result).toMatchObject({ status: 'stopped' })
      expect(requests[0]?.isAborted).toBe(true)
      await clock.advance(60_000)
      expect(requests).toHaveLength(1)
      expect(clock.pendingCount).toBe(0)
    }
  })

  it('leaves the run for a later resume', async () => {
    const { start, client, clock } = setUp([running, answer(started(), token('a', 2), token('b', 3))])
    start()
    await clock.advance(0)
    client.detach()
    const { runId } = client.getSnapshot()
    const result = client.resume(runId as string)
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done' })
    expect(client.getSnapshot().text).toBe('ab')
  })
})
