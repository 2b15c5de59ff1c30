import { describe, expect, it, vi } from 'vitest'

import { answer, broken, done, setUp, sse, token, toolResult, toolUse } from './harness.ts'

describe('hanging done: no way for a stream to end leaves it spinning', () => {
  it('ends in done on done', async () => {
    const { start, clock, client, told } = setUp([
      { body: [token('hi'), done({ num_turns: 2 })], end: 'hang' },
    ])
    const result = start()
    await clock.advance(0)
    expect(await result).toEqual({ status: 'done', outcome: 'complete', error: null })
    expect(client.getSnapshot()).toMatchObject({
      status: 'done',
      isDone: true,
      isStreaming: false,
      text: 'hi',
    })
    expect(told.dones).toEqual([expect.objectContaining({ numTurns: 2, isError: false })])
  })

  it('takes nothing after done, and closes the connection', async () => {
    const cancelled = vi.fn()
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(token('a') + done() + token('b') + done()))
      },
      cancel: cancelled,
    })
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const { start, clock, client, told } = setUp([], { fetch })
    start()
    await clock.advance(10)
    expect(client.getSnapshot()).toMatchObject({ text: 'a', status: 'done' })
    expect(told.dones).toHaveLength(1)
    expect(cancelled).toHaveBeenCalledTimes(1)
  })

  it('ends in synthetic-done at once when the stream is closed without done', async () => {
    const reports: unknown[] = []
    const { start, clock, client, requests, told } = setUp([{ body: [token('half'), toolUse('t')] }], {
      onSyntheticDone: (report) => reports.push(report),
    })
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'synthetic-done', outcome: 'truncated' })
    expect(requests).toHaveLength(1)
    expect(client.getSnapshot()).toMatchObject({ text: 'half', activeTools: [], isDone: true })
    expect(told.dones).toEqual([expect.objectContaining({ isSynthetic: true })])
    expect(reports).toEqual([
      {
        reason: 'closed',
        runId: null,
        url: '/chat',
        eventCount: 2,
        lastEventType: 'tool_use',
        hungTools: ['search'],
        error: null,
      },
    ])
  })

  it('ends in synthetic-done on an empty body', async () => {
    const { start, clock } = setUp([{ body: [] }])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'synthetic-done' })
  })

  it('ends in error when the stream is closed and an error was the last word', async () => {
    const error = sse('error', { error_type: 'overloaded', message: 'busy' })
    const { start, clock, told } = setUp([{ body: [token('a'), error] }])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({
      status: 'error',
      error: { errorType: 'overloaded', message: 'busy' },
    })
    expect(told.errors).toHaveLength(1)
    expect(told.dones).toEqual([expect.objectContaining({ isError: true })])
  })

  it('ends in done, with the error kept, when the agent recovers', async () => {
    const { start, clock, client } = setUp([answer(sse('error', { message: 'oops' }), token('fine'))])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done', outcome: 'complete', error: { message: 'oops' } })
    expect(client.getSnapshot().error).toMatchObject({ message: 'oops' })
  })

  it('ends in error on done with is_error', async () => {
    const { start, clock } = setUp([{ body: [token('a'), done({ is_error: true })] }])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'error', outcome: 'failed' })
  })

  it('posts the report of a synthetic done to reportUrl, and survives its failure', async () => {
    const { start, clock, requests } = setUp([{ body: [token('a')] }, { status: 204 }], {
      reportUrl: '/runs/report',
      getToken: () => 'secret',
    })
    start()
    await clock.advance(0)
    expect(requests[1]).toMatchObject({ url: '/runs/report', init: { method: 'POST', keepalive: true } })
    expect(JSON.parse(String(requests[1]?.init.body))).toMatchObject({
      reason: 'closed',
      event_count: 1,
      last_event_type: 'token',
      hung_tools: [],
    })

    const failing = setUp([{ body: [token('a')] }], { reportUrl: '/runs/report' })
    const result = failing.start()
    await failing.clock.advance(0)
    expect(await result).toMatchObject({ status: 'synthetic-done' })
  })

  it('reports no query, where tokens may be', async () => {
    const reports: { url: string }[] = []
    const { client, clock } = setUp([{ body: [token('a')] }], {
      onSyntheticDone: (report) => reports.push(report),
    })
    client.start('/chat?key=secret')
    await clock.advance(0)
    expect(reports[0]?.url).toBe('/chat')
  })
})

describe('a response that is no event stream', () => {
  it.each([
    [{ headers: { 'content-type': 'text/html' }, body: ['<h1>Welcome</h1>'] }, /text\/html.*<h1>Welcome/],
    [{ headers: { 'content-type': 'application/json' }, body: ['{}'] }, /application\/json/],
    [{ status: 204, headers: {} }, /204/],
  ])('ends in error and says what was received instead', async (response, message) => {
    const { start, clock, requests } = setUp([response])
    const result = start()
    await clock.advance(60_000)
    const { status, error } = await result
    expect(status).toBe('error')
    expect(error).toMatchObject({ errorType: 'not_event_stream', message: expect.stringMatching(message) })
    expect(error?.message.length).toBeLessThan(400)
    expect(requests).toHaveLength(1)
  })

  it.each([undefined, 'text/event-stream', 'Text/Event-Stream; charset=utf-8'])(
    'takes content-type %s for an event stream',
    async (type) => {
      const { start, clock } = setUp([
        { ...answer(token('a')), headers: type ? { 'content-type': type } : {} },
      ])
      const result = start()
      await clock.advance(0)
      expect(await result).toMatchObject({ status: 'done' })
    },
  )

  it('reads no more than the beginning of an endless error page', async () => {
    let pulls = 0
    const page = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulls++
          controller.enqueue(new Uint8Array(10_000).fill(65))
        },
      })
    const fetch = async () => new Response(page(), { status: 500 })
    const { start, clock } = setUp([], { fetch })
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({
      status: 'error',
      error: { errorType: 'http_error', message: 'HTTP 500' },
    })
    expect(pulls).toBeLessThan(20)
  })
})

describe('one SSE message beyond the limit', () => {
  it('ends the stream in error, with what came before it kept', async () => {
    const { start, clock, client, requests } = setUp([answer(token('kept'), token('x'.repeat(2000)))], {
      limits: { maxMessageChars: 1000 },
    })
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'message_too_large' } })
    expect(client.getSnapshot().text).toBe('kept')
    expect(requests).toHaveLength(1)
  })

  it('does so before the message is complete', async () => {
    const endless = `event: token\ndata: {"text":"${'x'.repeat(2000)}`
    const { start, clock } = setUp([{ body: [endless], end: 'hang' }], { limits: { maxBufferedChars: 1000 } })
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'message_too_large' } })
  })
})

describe('stop', () => {
  it('ends the run at once, with what has arrived, and aborts the request', async () => {
    const { start, clock, client, requests, told } = setUp([
      { body: [token('a'), { waitMs: 1 }, token('b'), { waitMs: 1e6 }, token('c')] },
    ])
    const result = start()
    await clock.advance(1)
    client.stop()
    expect(client.getSnapshot()).toMatchObject({
      status: 'stopped',
      outcome: 'stopped',
      text: 'ab',
      isDone: true,
    })
    expect(requests[0]?.isAborted).toBe(true)
    expect(told.dones).toEqual([expect.objectContaining({ aborted: true, isError: false })])
    expect(await result).toMatchObject({ status: 'stopped', outcome: 'stopped', error: null })
    await clock.advance(1e7)
    expect(client.getSnapshot().text).toBe('ab')
    expect(clock.pendingCount).toBe(0)
  })

  it('closes the tools that run', async () => {
    const { start, clock, client } = setUp([{ body: [toolUse('t')], end: 'hang' }])
    start()
    await clock.advance(0)
    expect(client.getSnapshot().activeTools).toEqual(['search'])
    client.stop()
    expect(client.getSnapshot()).toMatchObject({ activeTools: [], tools: [{ status: 'incomplete' }] })
  })

  it('works while connecting and while waiting for a retry', async () => {
    const connecting = setUp([{ headersAfterMs: 1000 }])
    connecting.start()
    connecting.client.stop()
    expect(connecting.client.getSnapshot().status).toBe('stopped')
    await connecting.clock.advance(1e6)
    expect(connecting.told.dones).toHaveLength(1)

    const retrying = setUp([broken(token('a')), answer()])
    retrying.start()
    await retrying.clock.advance(500)
    retrying.client.stop()
    await retrying.clock.advance(1e6)
    expect(retrying.requests).toHaveLength(1)
    expect(retrying.client.getSnapshot()).toMatchObject({ status: 'stopped', text: 'a' })
  })

  it('stops in the middle of a chunk when a callback asks for it', async () => {
    const { client, clock } = setUp([answer(token('a') + token('b') + token('c'))])
    const tokens: string[] = []
    client.start(
      '/chat',
      {},
      {
        onToken(text) {
          tokens.push(text)
          if (text === 'b') client.stop()
        },
      },
    )
    await clock.advance(0)
    expect(tokens).toEqual(['a', 'b'])
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', text: 'ab' })
  })

  it('does nothing when nothing runs', () => {
    const { client, statuses } = setUp([])
    client.stop()
    client.detach()
    expect(statuses).toEqual([])
    expect(client.getSnapshot().status).toBe('idle')
  })
})

describe('detach', () => {
  it('closes the socket and asks nothing of the server', async () => {
    const { start, clock, client, requests } = setUp([{ body: [token('a')], end: 'hang' }])
    const result = start()
    await clock.advance(0)
    client.detach()
    expect(await result).toMatchObject({ status: 'stopped' })
    expect(requests).toHaveLength(1)
    expect(requests[0]?.isAborted).toBe(true)
  })
})

describe('every start ends in exactly one onDone', () => {
  it('a further start stops the former, whose onDone fires first', async () => {
    const { client, clock, requests } = setUp([{ body: [token('old')], end: 'hang' }, answer(token('new'))])
    const order: string[] = []
    const first = client.start('/a', {}, { onDone: () => order.push('first done') })
    await clock.advance(0)
    const second = client.start(
      '/b',
      {},
      { onToken: () => order.push('token'), onDone: () => order.push('second done') },
    )
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: '' })
    await clock.advance(0)
    expect(order).toEqual(['first done', 'token', 'second done'])
    expect(requests[0]?.isAborted).toBe(true)
    expect(await first).toMatchObject({ status: 'stopped' })
    expect(await second).toMatchObject({ status: 'done' })
    expect(client.getSnapshot()).toMatchObject({ text: 'new', error: null })
  })

  it('start may be called from onDone', async () => {
    const { client, clock } = setUp([answer(token('one')), answer(token('two'))])
    let second: Promise<unknown> | undefined
    client.start(
      '/a',
      {},
      {
        onDone: () => {
          second = client.start('/b')
        },
      },
    )
    await clock.advance(0)
    await clock.advance(0)
    expect(await second).toMatchObject({ status: 'done' })
    expect(client.getSnapshot().text).toBe('two')
  })

  it('has the final state in getSnapshot() when onDone is called', async () => {
    const { client, clock } = setUp([answer(token('a'))])
    const onDone = vi.fn(() => expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'a' }))
    client.start('/a', {}, { onDone })
    await clock.advance(0)
    expect(onDone).toHaveReturned()
  })

  it('reset stops, tells, and forgets', async () => {
    const { start, clock, client, told } = setUp([{ body: [token('a')], end: 'hang' }])
    start()
    await clock.advance(0)
    client.reset()
    expect(client.getSnapshot()).toMatchObject({ status: 'idle', text: '', isDone: false, outcome: null })
    expect(told.dones).toHaveLength(1)
  })
})

describe('tool_result before tool_use', () => {
  it('leaves no badge, and ends like the other order', async () => {
    const run = async (...body: string[]) => {
      const { start, clock, client } = setUp([answer(...body)])
      start()
      await clock.advance(0)
      return client.getSnapshot()
    }
    const early = await run(toolResult('t'), toolUse('t'))
    expect(early).toMatchObject({ activeTools: [], outcome: 'complete' })
    expect(early.tools).toEqual((await run(toolUse('t'), toolResult('t'))).tools)
  })
})
