import { describe, expect, it, vi } from 'vitest'

import { AgentStreamClient, isClient } from '../src/index.ts'
import { cutAt, rechunk, SimulatedClock } from '../src/testing/index.ts'
import { answer, done, setUp, sse, token, toolResult, toolUse } from './harness.ts'

describe('start', () => {
  it('posts the body as JSON after baseUrl, asking for an event stream', async () => {
    const { client, clock, requests } = setUp([answer()], { baseUrl: 'https://api.example/v1' })
    client.start('/chat', { message: 'hi' })
    await clock.advance(0)
    expect(requests[0]).toMatchObject({
      url: 'https://api.example/v1/chat',
      init: {
        method: 'POST',
        body: '{"message":"hi"}',
        headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
      },
    })
    expect(requests[0]?.init.headers).not.toHaveProperty('Authorization')
  })

  it('takes an absolute endpoint as it is, and sends an empty object when there is no body', async () => {
    const { client, clock, requests } = setUp([answer()], { baseUrl: 'https://api.example' })
    client.start('http://other.example/x')
    await clock.advance(0)
    expect(requests[0]).toMatchObject({ url: 'http://other.example/x', init: { body: '{}' } })
  })

  it('sends the token and the headers, given as values or functions, asked at each attempt', async () => {
    let count = 0
    const { start, clock, requests } = setUp([{ networkError: true }, answer()], {
      getToken: async () => `token-${++count}`,
      headers: () => ({ 'X-Attempt': `${count}` }),
    })
    start()
    await clock.advance(2000)
    expect(requests.map(({ init }) => init.headers)).toEqual([
      expect.objectContaining({ Authorization: 'Bearer token-1', 'X-Attempt': '1' }),
      expect.objectContaining({ Authorization: 'Bearer token-2', 'X-Attempt': '2' }),
    ])
  })

  it('asks for the token once more on 401, and only once', async () => {
    let count = 0
    const getToken = () => `token-${++count}`
    const renewed = setUp([{ status: 401 }, answer(token('in'))], { getToken })
    const result = renewed.start()
    await renewed.clock.advance(0)
    expect(await result).toMatchObject({ status: 'done' })
    expect(renewed.requests[1]?.init.headers).toMatchObject({ Authorization: 'Bearer token-2' })

    const refused = setUp([{ status: 401 }, { status: 401 }, answer()], { getToken })
    const other = refused.start()
    await refused.clock.advance(60_000)
    expect(await other).toMatchObject({ status: 'error', error: { errorType: 'http_error' } })
    expect(refused.requests).toHaveLength(2)
  })

  it('does not ask twice on 401 without getToken', async () => {
    const { start, clock, requests } = setUp([{ status: 401 }, answer()])
    start()
    await clock.advance(0)
    expect(requests).toHaveLength(1)
  })

  it('retries when the token cannot be had', async () => {
    let count = 0
    const { start, clock } = setUp([answer(token('in'))], {
      getToken: async () => {
        if (++count === 1) throw new Error('offline')
        return 'token'
      },
    })
    const result = start()
    await clock.advance(2000)
    expect(await result).toMatchObject({ status: 'done' })
  })

  it('rejects with a TypeError that says what to do, and only then', async () => {
    const { client, requests } = setUp([])
    // @ts-expect-error: a caller without types
    await expect(client.start(undefined)).rejects.toThrow(/start.*undefined/)
    await expect(client.start('/x', { id: 1n })).rejects.toThrow(TypeError)
    await expect(new AgentStreamClient().start('/x')).rejects.toThrow(/baseUrl/)
    expect(requests).toHaveLength(0)
    expect(client.getSnapshot().status).toBe('idle')
  })

  it('leaves Idempotency-Key out when it is told to', async () => {
    const { start, clock, requests } = setUp([answer()], { retry: { idempotencyKey: false } })
    start()
    await clock.advance(0)
    expect(requests[0]?.init.headers).not.toHaveProperty('Idempotency-Key')
  })
})

describe('the original callbacks', () => {
  it('get what the original gave them', async () => {
    const { client, clock } = setUp([
      answer(
        token('Hi'),
        sse('thinking', { text: 'hm' }),
        sse('tool_use', { tool_name: 'a', tool_use_id: '1', input_summary: 'q', status: 'running' }),
        sse('tool_result', {
          tool_name: 'a',
          tool_use_id: '1',
          output_summary: 'r',
          duration_ms: 5,
          status: 'done',
        }),
        sse('turn', { turn_number: 1, total_tools: 1 }),
        sse('progress', { step: 's', percentage: 50, message: 'm' }),
        sse('creation', { creation_type: 'doc', count: 1 }),
        sse('error', { error_type: 'e', message: 'm' }),
      ),
    ])
    const calls: unknown[] = []
    const tell =
      (name: string) =>
      (payload: unknown): void => {
        calls.push([name, payload])
      }
    client.start(
      '/chat',
      {},
      {
        onToken: tell('token'),
        onThinking: tell('thinking'),
        onToolUse: tell('tool'),
        onTurn: tell('turn'),
        onProgress: tell('progress'),
        onCreation: tell('creation'),
        onError: tell('error'),
        onDone: tell('done'),
      },
    )
    await clock.advance(0)
    expect(calls).toEqual([
      ['token', 'Hi'],
      ['thinking', { text: 'hm' }],
      ['tool', { toolName: 'a', toolUseId: '1', inputSummary: 'q', status: 'running' }],
      ['tool', { toolName: 'a', toolUseId: '1', outputSummary: 'r', durationMs: 5, status: 'done' }],
      ['turn', { turnNumber: 1, totalTools: 1 }],
      ['progress', { step: 's', percentage: 50, message: 'm', subProgress: null }],
      ['creation', { creationType: 'doc', count: 1, toolUseId: '', items: [] }],
      ['error', { errorType: 'e', message: 'm' }],
      ['done', { messageId: '', numTurns: 0, toolCount: 0, durationMs: 0, isError: false, model: '' }],
    ])
  })

  it('are told of every event and of what was passed over', async () => {
    const { client, clock } = setUp([
      answer(sse('custom', { name: 'x', value: 1 }), 'event: token\ndata: {oops\n\n', sse('ping')),
    ])
    const events: string[] = []
    const warnings: string[] = []
    client.start(
      '/chat',
      {},
      { onEvent: ({ type }) => events.push(type), onWarning: ({ code }) => warnings.push(code) },
    )
    await clock.advance(0)
    expect(events).toEqual(['custom', 'done'])
    expect(warnings).toEqual(['malformed_frame', 'unknown_event'])
    expect(client.getSnapshot()).toMatchObject({ status: 'done', warningCount: 2 })
  })

  it('may throw: the stream goes on, and the error surfaces on a later task', async () => {
    vi.useFakeTimers()
    try {
      const { client, clock } = setUp([answer(token('a'), token('b'))])
      client.start(
        '/chat',
        {},
        {
          onToken() {
            throw new Error('a bug in the page')
          },
        },
      )
      const advancing = clock.advance(0)
      await expect(vi.runAllTimersAsync()).rejects.toThrow('a bug in the page')
      await vi.runAllTimersAsync().catch(() => {})
      await advancing
      expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'ab' })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('chunk boundary: where the network cuts changes nothing', () => {
  const bytes = new TextEncoder().encode(
    token('Grüße 🎉') +
      toolUse('t') +
      toolResult('t') +
      sse('progress', { step: 's', percentage: 5, message: 'é' }) +
      done(),
  )

  async function finalState(chunks: Uint8Array[]) {
    const { start, clock, client } = setUp([{ body: chunks }])
    start()
    // Each chunk is a turn of the event loop or less.
    for (let i = 0; !client.getSnapshot().isDone && i < 100; i++) await clock.advance(0)
    return client.getSnapshot()
  }

  it('cut once, at every byte', async () => {
    const whole = await finalState([bytes])
    expect(whole).toMatchObject({ text: 'Grüße 🎉', status: 'done', warningCount: 0 })
    for (let n = 1; n < bytes.length; n++) expect(await finalState(cutAt(bytes, n))).toEqual(whole)
  })

  it('every byte a chunk of its own', async () => {
    expect(await finalState(rechunk(bytes, 1))).toEqual(await finalState([bytes]))
  })
})

describe('numbered events', () => {
  it('are shown once, and what is missing is said', async () => {
    const started = sse('run_started', { run_id: 'r1', protocol: '1' }, 1)
    const { start, clock, client } = setUp([
      answer(started, token('a', 2), token('a', 2), token('b', 3), token('d', 7)),
    ])
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({
      runId: 'r1',
      text: 'abd',
      seq: { last: 7, gaps: [{ from: 4, to: 6 }], duplicates: 1 },
    })
  })

  it('mean nothing without run_started', async () => {
    const { start, clock, client } = setUp([answer(token('a', 9), token('b', 9), token('c', 1))])
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ text: 'abc', seq: { last: 0, duplicates: 0 } })
  })

  it.each(['0x3', '3e0', '03', ' 3', '3.0', '-3', 'three', '99999999999999999999'])(
    'are digits alone: %j is no number',
    async (id) => {
      const started = sse('run_started', { run_id: 'r1', protocol: '1' }, 1)
      const odd = `id: ${id}\nevent: token\ndata: {"text":"x"}\n\n`
      const { start, clock, client } = setUp([answer(started, token('a', 2), odd, odd)])
      start()
      await clock.advance(0)
      expect(client.getSnapshot()).toMatchObject({ text: 'axx', seq: { last: 2, gaps: [], duplicates: 0 } })
    },
  )
})

describe('the store', () => {
  it('keeps the identity of its snapshot until something visible changes', async () => {
    const { start, clock, client } = setUp([
      { body: [token('a'), { waitMs: 1000 }, ': heartbeat\n\n', { waitMs: 1000 }, toolUse('t'), done()] },
    ])
    expect(client.getSnapshot()).toBe(client.getSnapshot())
    start()
    await clock.advance(0)
    const before = client.getSnapshot()
    await clock.advance(1500)
    expect(client.getSnapshot()).toBe(before)
    await clock.advance(1000)
    expect(client.getSnapshot()).not.toBe(before)
  })

  it('does not call on subscribe; unsubscribing twice is fine; methods survive destructuring', async () => {
    const { client, clock } = setUp([answer(token('a')), answer(token('b'))])
    const { subscribe, getSnapshot, start, stop } = client
    const listener = vi.fn()
    const unsubscribe = subscribe(listener)
    expect(listener).not.toHaveBeenCalled()
    start('/a')
    await clock.advance(0)
    expect(listener).toHaveBeenCalled()
    unsubscribe()
    unsubscribe()
    const calls = listener.mock.calls.length
    start('/b')
    await clock.advance(0)
    stop()
    expect(listener).toHaveBeenCalledTimes(calls)
    expect(getSnapshot().text).toBe('b')
  })

  it('replaces options for the attempts that follow', async () => {
    const { start, client, clock, requests } = setUp([{ networkError: true }])
    const next = setUp([answer(token('from the new fetch'))])
    start()
    await clock.advance(500)
    client.setOptions({ fetch: next.fetch, headers: { 'X-New': '1' } })
    await clock.advance(1000)
    expect(requests).toHaveLength(1)
    expect(next.requests[0]?.init.headers).toMatchObject({ 'X-New': '1' })
    expect(client.getSnapshot().text).toBe('from the new fetch')
  })
})

describe('isClient', () => {
  it('tells a client from options', () => {
    expect(isClient(new AgentStreamClient())).toBe(true)
    expect(isClient({ clock: new SimulatedClock() })).toBe(false)
  })
})
