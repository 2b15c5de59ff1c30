import { describe, expect, it, vi } from 'vitest'
import { assign, createActor, setup } from 'xstate'

import { type AgentStreamError, lifecycle, systemClock } from '../src/index.ts'
import { retryLimits } from '../src/retry.ts'
import { answer, broken, done, setUp, sse, token, toolUse } from './harness.ts'

const slow = (text: string) => ({ body: [token(text), { waitMs: 100 }, done()] })

describe('every run is told its own end, whatever a callback starts', () => {
  it.each(['onDone', 'onError', 'onSyntheticDone', 'subscribe'] as const)(
    'a run started from %s goes on to an end of its own',
    async (where) => {
      const first =
        where === 'onError' ? { status: 500 } : where === 'onSyntheticDone' ? { body: [] } : slow('one')
      let second: Promise<unknown> | undefined
      const told: string[] = []
      const begin = (): void => {
        second ??= client.start(
          '/2',
          {},
          { onToken: (text) => told.push(text), onDone: () => told.push('second done') },
        )
      }
      const { client, clock } = setUp(
        [first, slow('two')],
        where === 'onSyntheticDone' ? { onSyntheticDone: begin } : {},
      )
      if (where === 'subscribe') client.subscribe(begin)
      const one = client.start(
        '/1',
        {},
        {
          onDone: () => told.push('first done'),
          ...(where === 'onDone' || where === 'onError' ? { [where]: begin } : {}),
        },
      )
      await clock.advance(1000)
      await one
      expect(await second).toMatchObject({ status: 'done', outcome: 'complete' })
      expect(told.filter((line) => line === 'second done')).toHaveLength(1)
      expect(told).toContain('two')
      expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'two' })
    },
  )

  it('a reset whose onDone starts a run does not take that run away', async () => {
    const { client, clock } = setUp([slow('one'), slow('two')])
    let second: Promise<unknown> | undefined
    client.start(
      '/1',
      {},
      {
        onDone: () => {
          second = client.start('/2')
        },
      },
    )
    await clock.advance(10)
    client.reset()
    await clock.advance(1000)
    expect(await second).toMatchObject({ status: 'done' })
    expect(client.getSnapshot().text).toBe('two')
  })

  it('a reset right after a start in a callback forgets that run', async () => {
    const { client, clock } = setUp([slow('one'), slow('two')])
    client.start(
      '/1',
      {},
      {
        onDone: () => {
          void client.start('/2')
          client.reset()
        },
      },
    )
    await clock.advance(1000)
    expect(client.getSnapshot()).toMatchObject({ status: 'idle', text: '' })
  })

  it('a run that is overtaken before it began is told that it was stopped', async () => {
    const { client, clock } = setUp([slow('one'), slow('three'), slow('two')])
    const told: string[] = []
    let third: Promise<unknown> | undefined
    client.start(
      '/1',
      {},
      {
        onDone: () => {
          third = client.start('/3', {}, { onDone: ({ aborted }) => told.push(`third aborted: ${aborted}`) })
        },
      },
    )
    await clock.advance(10)
    const second = client.start('/2')
    await clock.advance(1000)
    expect(await third).toMatchObject({ status: 'stopped' })
    expect(told).toEqual(['third aborted: true'])
    expect(await second).toMatchObject({ status: 'done' })
  })

  it('a throwing clock or random fails the run, and leaves it to no one to wait for', async () => {
    const { start, clock, told } = setUp([broken(token('a'))], {
      random: () => {
        throw new Error('no entropy')
      },
    })
    const result = start()
    result.catch(() => {})
    await clock.advance(100)
    await expect(result).rejects.toThrow('no entropy')
    expect(told.dones).toEqual([expect.objectContaining({ isError: true })])
    await expect(start()).rejects.toThrow('no entropy')
  })
})

describe('callbacks', () => {
  it('are told nothing more once one of them has stopped the run', async () => {
    const { client, clock } = setUp([broken(token('a')), answer(token('b'), token('c'))])
    const told: string[] = []
    client.start(
      '/x',
      {},
      {
        onToken: (text) => told.push(text),
        onRestart: () => {
          told.push('restart')
          client.stop()
        },
        onDone: () => told.push('done'),
      },
    )
    await clock.advance(5000)
    expect(told).toEqual(['a', 'restart', 'done'])
  })

  it('are told nothing of an event whose first callback stopped the run', async () => {
    const { client, clock } = setUp([answer(token('a'))])
    const told: string[] = []
    client.start(
      '/x',
      {},
      {
        onToken: () => client.stop(),
        onEvent: ({ type }) => told.push(type),
        onDone: () => told.push('done'),
      },
    )
    await clock.advance(0)
    expect(told).toEqual(['done'])
  })

  it('get onError for a done that says is_error and no more', async () => {
    const { start, clock, told } = setUp([{ body: [token('a'), done({ is_error: true })] }])
    start()
    await clock.advance(0)
    expect(told.errors).toEqual([{ errorType: 'error', message: 'The run failed' }])
    const both = setUp([{ body: [sse('error', { message: 'why' }), done({ is_error: true })] }])
    both.start()
    await both.clock.advance(0)
    expect(both.told.errors.map(({ message }) => message)).toEqual(['why'])
  })

  it('find in the state what they were told, when onFlush stops the run', async () => {
    const { client, clock } = setUp([answer(token('a') + token('b'))], { onFlush: () => client.stop() })
    const tokens: string[] = []
    client.start('/x', {}, { onToken: (text) => tokens.push(text) })
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', text: tokens.join('') })
  })
})

describe('an answer that is an error stays one', () => {
  const stuck = (status: number, type: string, end: 'drop' | 'hang') => ({
    status,
    headers: { 'content-type': type },
    body: ['{"message": "qu'],
    end,
  })

  it.each([
    [400, 'application/json', 'drop'],
    [500, 'application/json', 'hang'],
    [200, 'text/html', 'hang'],
    [200, 'text/html', 'drop'],
  ] as const)('when its body (%i, %s) is %s', async (status, type, end) => {
    const { start, clock, requests } = setUp([stuck(status, type, end), answer(token('never'))])
    const result = start()
    await clock.advance(120_000)
    expect(requests).toHaveLength(1)
    expect(await result).toMatchObject({
      status: 'error',
      error: { errorType: status === 200 ? 'not_event_stream' : 'http_error' },
    })
  })
})

describe('an error body that hangs', () => {
  it('is not waited for beyond the time for headers', async () => {
    const stuck = { status: 400, headers: {}, body: ['{"mess'], end: 'hang' as const }
    const { start, clock, requests } = setUp([stuck], { connectTimeoutMs: 500 })
    const result = start()
    await clock.advance(10_000)
    expect(requests).toHaveLength(1)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'http_error' } })
  })
})

describe('secrets', () => {
  it('are in no error message and in no report, whatever fetch says', async () => {
    const bodies: string[] = []
    const fetch = (async (url: string, init: RequestInit) => {
      if (url.endsWith('/report')) {
        bodies.push(String(init.body))
        return new Response(null, { status: 204 })
      }
      throw new TypeError('request to http://x/chat?token=hunter2 failed')
    }) as typeof globalThis.fetch
    const { start, clock, client } = setUp([], { fetch, reportUrl: '/report', getToken: () => 'hunter2' })
    start()
    await clock.advance(60_000)
    const { error } = client.getSnapshot()
    expect(JSON.stringify(error) + error?.message + bodies.join()).not.toContain('hunter2')
    expect((error as AgentStreamError).cause).toBeInstanceOf(TypeError)
  })

  it('do not follow the report to another origin', async () => {
    const options = { getToken: () => 'hunter2', headers: { 'X-Key': 'hunter2' } }
    const elsewhere = setUp([{ body: [] }, { status: 204 }], {
      ...options,
      reportUrl: 'https://other.example/report',
    })
    elsewhere.start()
    await elsewhere.clock.advance(0)
    expect(JSON.stringify(elsewhere.requests[1]?.init.headers)).not.toContain('hunter2')
    const here = setUp([{ body: [] }, { status: 204 }], { ...options, reportUrl: '/report' })
    here.start()
    await here.clock.advance(0)
    expect(here.requests[1]?.init.headers).toMatchObject({ Authorization: 'Bearer hunter2' })
  })
})

describe('heartbeats', () => {
  it.each([
    ['padding at the start', [':\n:\n:\n\n', token('a'), { waitMs: 20_000 }, token('b')]],
    [
      'several that a proxy held back',
      [token('a'), { waitMs: 30_000 }, ': heartbeat\n\n: heartbeat\n\n', { waitMs: 20_000 }],
    ],
    [
      'several held back, and one shortly after',
      [
        token('a'),
        { waitMs: 45_000 },
        ': heartbeat\n\n'.repeat(3),
        { waitMs: 120 },
        ': heartbeat\n\n',
        { waitMs: 10_000 },
      ],
    ],
    [
      'a flood of them with a pause in it',
      [
        token('a'),
        ': heartbeat\n\n'.repeat(100),
        { waitMs: 1200 },
        ': heartbeat\n\n'.repeat(100),
        { waitMs: 14_000 },
      ],
    ],
    [
      'a ping after each message',
      [
        token('a'),
        ': ping\n\n',
        { waitMs: 1200 },
        toolUse('t'),
        ': ping\n\n',
        { waitMs: 1200 },
        ': ping\n\n',
        { waitMs: 40_000 },
      ],
    ],
  ])('%s: no reason to drop a stream that pauses', async (_, body) => {
    const { start, clock, requests, client } = setUp([{ body: [...body, done()] }])
    start()
    await clock.advance(59_000)
    expect(requests).toHaveLength(1)
    await clock.advance(60_000)
    expect(client.getSnapshot().status).toBe('done')
  })

  it.each([0.001, -5, 0])('an announced interval of %d ms drops nothing', async (heartbeat_ms) => {
    const started = sse('run_started', { run_id: 'r', protocol: '1', heartbeat_ms })
    const { start, clock, requests } = setUp([{ body: [started, { waitMs: 2500 }, token('a'), done()] }])
    const result = start()
    await clock.advance(10_000)
    expect(requests).toHaveLength(1)
    expect(await result).toMatchObject({ status: 'done' })
  })
})

describe('frames that are no event', () => {
  it('are no progress, and do not take the old text away', async () => {
    const attempt = (pings: number) => broken(token('hello'), ...Array<string>(pings).fill(sse('ping')))
    const { start, clock, requests } = setUp([1, 2, 3, 4, 5, 6].map(attempt))
    start()
    await clock.advance(120_000)
    expect(requests).toHaveLength(4)

    const silent = setUp([broken(token('hello')), { body: [sse('ping')], end: 'hang' }])
    silent.start()
    await silent.clock.advance(5000)
    expect(silent.client.getSnapshot()).toMatchObject({ status: 'streaming', text: 'hello' })
  })
})

describe('requests', () => {
  it("have the user's own headers once, however they are spelled", async () => {
    const { start, clock, requests } = setUp([answer()], {
      getToken: () => 'token',
      headers: { authorization: 'Basic z', 'content-type': 'text/x' },
    })
    start()
    await clock.advance(0)
    const headers = new Headers(requests[0]?.init.headers)
    expect([headers.get('authorization'), headers.get('content-type')]).toEqual(['Basic z', 'text/x'])
  })

  it.each([
    ['the page itself', 'https://page.example/a', 'https://page.example', '/chat', true],
    ['another origin', 'https://page.example/a', 'https://page.example', 'https://api.example/chat', false],
    ['a base element that points elsewhere', 'https://cdn.example/', 'https://page.example', '/chat', false],
    ['a sandboxed page', 'https://page.example/a', 'null', '/chat', false],
  ])(
    'carry Idempotency-Key only to the origin of the page: %s',
    async (_, baseURI, origin, endpoint, isSent) => {
      vi.stubGlobal('document', { baseURI })
      vi.stubGlobal('origin', origin)
      try {
        const { client, clock, requests } = setUp([answer()])
        void client.start(endpoint)
        await clock.advance(0)
        expect(Object.keys(requests[0]?.init.headers ?? {}).includes('Idempotency-Key')).toBe(isSent)
      } finally {
        vi.unstubAllGlobals()
      }
    },
  )

  it('are not made for a body or a URL that is none', async () => {
    const { client, requests } = setUp([])
    await expect(client.start('/x', () => 1)).rejects.toThrow(TypeError)
    await expect(client.start('http://')).rejects.toThrow(TypeError)
    expect(requests).toHaveLength(0)
  })

  it('take an option that is undefined for absent', () => {
    expect(retryLimits({ attempts: undefined } as object)).toMatchObject({
      attempts: 3,
      onDrop: 'restart-safe',
    })
  })
})

describe('the lifecycle in a machine of the user', () => {
  it('is invoked with a connection, tells its snapshots, and closes the connection when it is left', () => {
    let closed = 0
    const parent = setup({ actors: { lifecycle } }).createMachine({
      context: { text: '' },
      initial: 'chatting',
      states: {
        chatting: {
          invoke: {
            src: 'lifecycle',
            id: 'run',
            input: {
              retry: retryLimits(),
              connectTimeoutMs: 1000,
              idleTimeoutMs: Infinity,
              clock: systemClock,
              random: Math.random,
              connect: (_context, send) => {
                queueMicrotask(() => send({ type: 'opened' }))
                return () => {
                  closed++
                }
              },
            },
            onSnapshot: { actions: assign({ text: ({ event }) => event.snapshot.context.run.text }) },
          },
          on: { leave: 'away' },
        },
        away: {},
      },
    })
    const actor = createActor(parent).start()
    const child = actor.getSnapshot().children.run
    child?.send({ type: 'start', request: { url: '/x', body: '{}', idempotencyKey: undefined } })
    expect(child?.getSnapshot().value).toEqual({ streaming: 'connecting' })
    actor.send({ type: 'leave' })
    expect(closed).toBe(1)
  })

  it('and a client whose actor is stopped: the request is aborted', async () => {
    const { start, clock, client, requests } = setUp([{ body: [token('a')], end: 'hang' }])
    void start()
    await clock.advance(0)
    client.actor.stop()
    await vi.waitFor(() => expect(requests[0]?.isAborted).toBe(true))
  })
})
