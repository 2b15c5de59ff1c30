import { describe, expect, it } from 'vitest'

import { answer, broken, done, setUp, sse, token, toolResult, toolUse } from './harness.ts'

const LOST = { networkError: true }

describe('retry split: an HTTP error is final, a lost connection is not', () => {
  it.each([400, 403, 404, 429, 500, 503])('ends in error after exactly one request on %i', async (status) => {
    const { start, clock, requests, client, told } = setUp([
      { status, headers: { 'content-type': 'application/json' }, body: ['{"message":"no"}'] },
    ])
    const result = start()
    await clock.advance(120_000)
    expect(await result).toMatchObject({
      status: 'error',
      outcome: 'failed',
      error: { errorType: 'http_error' },
    })
    expect(requests).toHaveLength(1)
    expect(client.getSnapshot().error).toMatchObject({ message: 'no', code: 'http_error', status })
    expect(told.errors).toHaveLength(1)
    expect(told.dones).toEqual([expect.objectContaining({ isError: true })])
  })

  it('repeats a lost request after 1 s, 2 s and 4 s, three times, and then ends in error', async () => {
    const { start, clock, requests, statuses, told } = setUp([LOST, LOST, LOST, LOST, answer(token('never'))])
    const result = start()
    await clock.advance(60_000)
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 3000, 7000])
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'network_error' } })
    expect(statuses.filter((status) => status === 'retrying')).toHaveLength(3)
    expect(told.dones).toHaveLength(1)
    expect(told.errors).toHaveLength(1)
  })

  it('adds up to a quarter of jitter to each wait', async () => {
    const { start, clock, requests } = setUp([LOST, LOST, LOST, LOST], { random: () => 0.5 })
    start()
    await clock.advance(60_000)
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1125, 3375, 7875])
  })

  it('shows which retry comes next, and how long it waits', async () => {
    const { start, clock, client } = setUp([LOST, LOST, answer(token('hi'))])
    start()
    await clock.advance(1500)
    expect(client.getSnapshot()).toMatchObject({
      status: 'retrying',
      isStreaming: true,
      retry: { attempt: 2, attempts: 3, delayMs: 2000 },
    })
    await clock.advance(10_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', retry: null, text: 'hi' })
  })

  it('refills the budget only by an event further than any attempt got before', async () => {
    const upTo = (n: number) => broken(...Array.from({ length: n }, (_, i) => token(`${i}`)))
    // Two events; then the same two, again and again: no progress.
    const { start, clock, requests } = setUp([upTo(2), upTo(2), upTo(2), upTo(1), answer(token('never'))])
    start()
    await clock.advance(60_000)
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 3000, 7000])

    // Each attempt one event further: the wait stays the first one.
    const better = setUp([upTo(1), upTo(2), upTo(3), upTo(4), upTo(5), answer(token('end'))])
    const result = better.start()
    await better.clock.advance(60_000)
    expect(better.requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 3000, 4000, 5000])
    expect(await result).toMatchObject({ status: 'done' })
  })

  it('does not count a 200 without events as progress', async () => {
    const { start, clock, requests } = setUp([LOST, broken(), broken(': heartbeat\n\n'), broken()])
    start()
    await clock.advance(60_000)
    expect(requests).toHaveLength(4)
  })

  it('waits as long as the SSE retry field says, doubling from there, 30 s at most', async () => {
    const { start, clock, requests } = setUp([broken('retry: 5000\n\n', token('a')), LOST, LOST, LOST])
    start()
    await clock.advance(60_000)
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 5000, 10_000, 15_000])

    const hostile = setUp([broken('retry: 999999999\n\n', token('a')), answer()])
    hostile.start()
    await hostile.clock.advance(31_000)
    expect(hostile.requests.map(({ atMs }) => atMs)).toEqual([0, 30_000])
  })

  it('takes a 503 to a repeated request for the same outage, with Retry-After as the floor', async () => {
    const { start, clock, requests } = setUp([
      broken(token('a')),
      { status: 503, headers: { 'retry-after': '10' } },
      answer(token('whole')),
    ])
    const result = start()
    await clock.advance(60_000)
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 11_000])
    expect(await result).toMatchObject({ status: 'done' })
  })

  it('ends at once when a repeated request is refused for good', async () => {
    const { start, clock, requests, client } = setUp([broken(token('kept')), { status: 403 }, answer()])
    const result = start()
    await clock.advance(60_000)
    expect(requests).toHaveLength(2)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'http_error' } })
    expect(client.getSnapshot().text).toBe('kept')
  })

  it('keeps what had arrived readable when the budget is spent', async () => {
    const { start, clock, client } = setUp([broken(token('half an '), token('answer')), LOST, LOST, LOST])
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'error', outcome: 'failed' })
    expect(client.getSnapshot().text).toBe('half an answer')
  })

  it('sends one Idempotency-Key per start, the same on every attempt', async () => {
    const { start, clock, requests, client } = setUp([LOST, LOST, answer(), answer()])
    const keys = () => requests.map(({ init }) => (init.headers as Record<string, string>)['Idempotency-Key'])
    start()
    await clock.advance(10_000)
    client.start('/chat')
    await clock.advance(10_000)
    const [first, second, third, other] = keys()
    expect(first).toBeTruthy()
    expect([second, third]).toEqual([first, first])
    expect(other).not.toBe(first)
  })
})

describe('a repeated request never doubles text', () => {
  it('shows the old text until the first new event, and then only the new', async () => {
    const { start, clock, client, told } = setUp([
      broken(token('Hel'), token('lo')),
      { body: [{ waitMs: 50 }, token('Hello'), { waitMs: 200 }, token(' world'), done()] },
    ])
    const seen: string[] = []
    client.subscribe(() => seen.push(client.getSnapshot().text))
    start()
    await clock.advance(1020)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: 'Hello' })
    await clock.advance(10_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'Hello world' })
    for (const text of seen) expect('Hello world').toContain(text)
    expect(told.tokens).toEqual(['Hel', 'lo', 'Hello', ' world'])
  })

  it('tells the callbacks that what they had is void', async () => {
    const { client, clock } = setUp([broken(token('old')), answer(token('new'))])
    let text = ''
    client.start(
      '/chat',
      {},
      {
        onToken: (piece) => {
          text += piece
        },
        onRestart: () => {
          text = ''
        },
      },
    )
    await clock.advance(10_000)
    expect(text).toBe('new')
  })

  it('reads no further when the caller stops as the request is repeated', async () => {
    const { client, clock } = setUp([broken(token('old')), answer(toolUse('t1') + toolUse('t2'))])
    const used: string[] = []
    const result = client.start('/chat', null, {
      onRestart: () => client.stop(),
      onToolUse: ({ toolUseId }) => used.push(toolUseId),
    })
    await clock.advance(10_000)
    expect(await result).toMatchObject({ status: 'stopped' })
    expect(used).not.toContain('t2')
  })
})

describe('a drop after a tool had started', () => {
  const attempt = broken(token('Let me look. '), toolUse('t1'), token('…'))

  it('ends in synthetic-done by default, as repeating could repeat side effects', async () => {
    const reports: unknown[] = []
    const { start, clock, client, requests, told } = setUp([attempt, answer(token('never'))], {
      onSyntheticDone: (report) => reports.push(report),
    })
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'synthetic-done', outcome: 'truncated' })
    expect(requests).toHaveLength(1)
    expect(client.getSnapshot()).toMatchObject({
      text: 'Let me look. …',
      activeTools: [],
      tools: [{ id: 't1', status: 'incomplete' }],
    })
    expect(told.dones).toEqual([expect.objectContaining({ isSynthetic: true, isError: false })])
    expect(reports).toEqual([
      expect.objectContaining({ reason: 'dropped', hungTools: ['search'], eventCount: 3, url: '/chat' }),
    ])
  })

  it('is repeated with onDrop restart', async () => {
    const { start, clock, requests, client } = setUp([attempt, answer(token('whole'))], {
      retry: { onDrop: 'restart' },
    })
    start()
    await clock.advance(60_000)
    expect(requests).toHaveLength(2)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'whole', tools: [] })
  })

  it('is not repeated either when the tool was taken back: what it did was done', async () => {
    const { client, requests } = setUp([broken(toolUse('t1'), sse('rollback', { to: 1 })), answer()])
    const { status } = await client.start('/chat')
    expect(status).toBe('synthetic-done')
    expect(client.getSnapshot().tools).toEqual([])
    expect(requests).toHaveLength(1)
  })

  it('is not repeated either when the tool belonged to an earlier attempt', async () => {
    const { start, clock, requests } = setUp(
      [broken(token('a')), broken(token('a'), toolUse('t1'), toolResult('t1')), answer()],
      {},
    )
    const result = start()
    await clock.advance(60_000)
    expect(requests).toHaveLength(2)
    expect(await result).toMatchObject({ status: 'synthetic-done' })
  })

  it('ends in error when an error was the last word', async () => {
    const { start, clock } = setUp([
      broken(toolUse('t1'), sse('error', { error_type: 'x', message: 'broke' })),
    ])
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'x' } })
  })
})

describe('onDrop resume-only', () => {
  it('never repeats a request: what has arrived ends in synthetic-done', async () => {
    const { start, clock, requests } = setUp([broken(token('a')), answer()], {
      retry: { onDrop: 'resume-only' },
    })
    const result = start()
    await clock.advance(60_000)
    expect(requests).toHaveLength(1)
    expect(await result).toMatchObject({ status: 'synthetic-done' })
  })

  it('ends in error when nothing has arrived', async () => {
    const { start, clock, requests } = setUp([LOST, answer()], { retry: { onDrop: 'resume-only' } })
    const result = start()
    await clock.advance(60_000)
    expect(requests).toHaveLength(1)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'network_error' } })
  })
})

describe('timeouts', () => {
  it('takes 60 s without response headers for a drop', async () => {
    const { start, clock, requests, client } = setUp([{ headersAfterMs: 1e9 }, answer(token('late'))])
    start()
    await clock.advance(59_999)
    expect(client.getSnapshot().status).toBe('streaming')
    await clock.advance(1)
    expect(client.getSnapshot()).toMatchObject({ status: 'retrying' })
    expect(requests[0]?.isAborted).toBe(true)
    await clock.advance(1000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'late' })
  })

  it('takes connectTimeoutMs instead of 60 s', async () => {
    const { start, clock, client } = setUp([{ headersAfterMs: 1e9 }], { connectTimeoutMs: 500 })
    start()
    await clock.advance(500)
    expect(client.getSnapshot().status).toBe('retrying')
  })

  it('calls a stream stalled after 60 s of silence where no heartbeats are known, and goes on', async () => {
    const { start, clock, client } = setUp([{ body: [token('a'), { waitMs: 90_000 }, token('b'), done()] }])
    start()
    await clock.advance(59_999)
    expect(client.getSnapshot().isStalled).toBe(false)
    await clock.advance(1)
    expect(client.getSnapshot()).toMatchObject({ isStalled: true, status: 'streaming' })
    await clock.advance(30_000)
    expect(client.getSnapshot()).toMatchObject({ isStalled: false, status: 'done', text: 'ab' })
  })

  it('counts the silence from the last byte', async () => {
    const slow = [
      token('a'),
      { waitMs: 50_000 },
      token('b'),
      { waitMs: 50_000 },
      token('c'),
      { waitMs: 61_000 },
    ]
    const { start, clock, client } = setUp([{ body: [...slow, done()] }])
    start()
    await clock.advance(159_999)
    expect(client.getSnapshot().isStalled).toBe(false)
    await clock.advance(1)
    expect(client.getSnapshot().isStalled).toBe(true)
  })

  it('turns silence into a drop with idleTimeoutMs', async () => {
    const { start, clock, client, requests } = setUp(
      [{ body: [token('a')], end: 'hang' }, answer(token('whole'))],
      { idleTimeoutMs: 90_000 },
    )
    start()
    await clock.advance(89_999)
    expect(requests).toHaveLength(1)
    await clock.advance(1001)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'whole' })
  })

  it('keeps what had come but was not published when only the clock notices the drop', async () => {
    const body = [toolUse('t'), { waitMs: 10 }, token('told '), { waitMs: 50 }, token('and kept')]
    const { start, clock, client, told } = setUp([{ body, end: 'hang' }], {
      batch: { ms: 5000 },
      idleTimeoutMs: 3000,
    })
    const result = start()
    await clock.advance(4000)
    expect(await result).toMatchObject({ status: 'synthetic-done' })
    expect(client.getSnapshot()).toMatchObject({
      text: told.tokens.join(''),
      tools: [{ status: 'incomplete' }],
    })
  })

  it('takes three missed announced heartbeats for a drop', async () => {
    const runStarted = sse('run_started', { run_id: 'r', protocol: '1', heartbeat_ms: 15_000 }, 1)
    const { start, clock, client } = setUp([{ body: [runStarted, token('a', 2)], end: 'hang' }])
    start()
    await clock.advance(44_999)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', isStalled: false })
    await clock.advance(1)
    expect(client.getSnapshot().status).toBe('retrying')
  })

  it('learns the heartbeat interval from comments', async () => {
    const beat = ': heartbeat\n\n'
    const body = [token('a'), beat, { waitMs: 20_000 }, beat, { waitMs: 20_000 }, beat]
    const { start, clock, client } = setUp([{ body, end: 'hang' }])
    start()
    await clock.advance(40_000 + 59_999)
    expect(client.getSnapshot().status).toBe('streaming')
    await clock.advance(1)
    expect(client.getSnapshot().status).toBe('retrying')
  })

  it('learns it from two of them, and takes other keep-alives for 15 s at least', async () => {
    const two = [token('a'), ': heartbeat\n\n', { waitMs: 5000 }, ': heartbeat\n\n']
    const own = setUp([{ body: two, end: 'hang' }])
    own.start()
    await own.clock.advance(5000 + 14_999)
    expect(own.client.getSnapshot().status).toBe('streaming')
    await own.clock.advance(1)
    expect(own.client.getSnapshot().status).toBe('retrying')

    const ping = setUp([{ body: [token('a'), ': ping\n\n', { waitMs: 5000 }, ': ping\n\n'], end: 'hang' }])
    ping.start()
    await ping.clock.advance(5000 + 44_999)
    expect(ping.client.getSnapshot().status).toBe('streaming')
    await ping.clock.advance(1)
    expect(ping.client.getSnapshot().status).toBe('retrying')
  })

  it('takes no other comments for heartbeats', async () => {
    const comment = ': OPENROUTER PROCESSING\n\n'
    const body = [comment, { waitMs: 500 }, comment, { waitMs: 500 }, comment, token('a')]
    const { start, clock, client } = setUp([{ body, end: 'hang' }])
    start()
    await clock.advance(50_000)
    expect(client.getSnapshot().status).toBe('streaming')
  })

  it('leaves no timer behind when the run has ended', async () => {
    const { start, clock } = setUp([answer(token('a'), token('b'))])
    start()
    await clock.advance(1000)
    expect(clock.pendingCount).toBe(0)
  })
})
