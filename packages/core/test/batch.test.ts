import { describe, expect, it } from 'vitest'

import { adaptiveIntervalMs } from '../src/batch.ts'
import type { Flush } from '../src/index.ts'
import { answer, done, setUp, sse, token, toolUse } from './harness.ts'

describe('adaptiveIntervalMs', () => {
  it.each([
    [[], 16],
    [[5], 16],
    [[0, 0, 0, 0, 0, 0], 16],
    [[0, 10, 20, 30, 40, 50], 20],
    [[0, 30, 60, 90, 120, 150], 60],
    [[0, 500, 1000, 1500, 2000, 2500], 100],
    [[100, 140], 80],
  ])('is twice the mean gap of %j, 16 to 100: %i', (arrivals, intervalMs) => {
    expect(adaptiveIntervalMs(arrivals)).toBe(intervalMs)
  })
})

describe('batching', () => {
  /** `count` tokens, one chunk each, `gapMs` apart. */
  const tokens = (count: number, gapMs: number) =>
    Array.from({ length: count }, (_, i) => [token(`${i} `), { waitMs: gapMs }]).flat()

  async function flushesOf(setup: ReturnType<typeof setUp>, ms = 60_000) {
    let publications = 0
    setup.client.subscribe(() => {
      publications++
    })
    setup.start()
    await setup.clock.advance(ms)
    return publications
  }

  it('publishes 1,000 tokens of one second about 20 times with batch { ms: 50 }', async () => {
    const flushes: Flush[] = []
    const setup = setUp([answer(...tokens(1000, 1))], {
      batch: { ms: 50 },
      onFlush: (flush) => flushes.push(flush),
    })
    const publications = await flushesOf(setup)
    // One at 0 ms, then every 50 ms, and the end; `start` publishes too.
    expect(flushes.length).toBeGreaterThanOrEqual(20)
    expect(flushes.length).toBeLessThanOrEqual(22)
    expect(publications).toBe(flushes.length + 1)
    expect(flushes.reduce((sum, { textEvents }) => sum + textEvents, 0)).toBe(1000)
    for (const { intervalMs } of flushes) expect(intervalMs).toBe(50)
  })

  it('says of each publication why, when, how much and how often', async () => {
    const flushes: Flush[] = []
    const body = [
      token('a'),
      { waitMs: 10 },
      token('b'),
      { waitMs: 10 },
      token('c'),
      { waitMs: 100 },
      toolUse('t'),
    ]
    const { start, clock } = setUp([answer(...body)], { onFlush: (flush) => flushes.push(flush) })
    start()
    await clock.advance(1000)
    expect(flushes).toEqual([
      { reason: 'first', atMs: 0, textEvents: 1, intervalMs: 16 },
      { reason: 'interval', atMs: 20, textEvents: 1, intervalMs: 20 },
      { reason: 'interval', atMs: 40, textEvents: 1, intervalMs: 20 },
      { reason: 'event', atMs: 120, textEvents: 0, intervalMs: 20 },
      { reason: 'event', atMs: 120, textEvents: 0, intervalMs: 20 },
    ])
  })

  it('publishes what is not text at once, with what was buffered', async () => {
    const body = [
      token('a'),
      { waitMs: 1 },
      token('b'),
      { waitMs: 1 },
      sse('progress', { percentage: 5 }),
      { waitMs: 1e6 },
    ]
    const { start, clock, client } = setUp([answer(...body)], { batch: { ms: 1000 } })
    start()
    await clock.advance(1)
    expect(client.getSnapshot().text).toBe('a')
    await clock.advance(1)
    expect(client.getSnapshot()).toMatchObject({ text: 'ab', progress: { percentage: 5 } })
  })

  it('shows a slow token at once: the interval has long been over', async () => {
    const { start, clock, client } = setUp([answer(...tokens(5, 300))])
    start()
    for (let i = 0; i < 5; i++) {
      expect(client.getSnapshot().text).toHaveLength(i * 2)
      await clock.advance(i === 0 ? 0 : 300)
      expect(client.getSnapshot().text).toHaveLength((i + 1) * 2)
    }
  })

  it('batches thinking and streamed arguments like tokens', async () => {
    const thoughts = Array.from({ length: 500 }, () => [
      sse('thinking', { text: 'hm ' }),
      { waitMs: 2 },
    ]).flat()
    const args = Array.from({ length: 500 }, () => [
      sse('tool_input_delta', { tool_use_id: 't', delta: 'x' }),
      { waitMs: 2 },
    ]).flat()
    const setup = setUp([answer(...thoughts, toolUse('t'), ...args)], { batch: { ms: 100 } })
    expect(await flushesOf(setup)).toBeLessThan(30)
    expect(setup.client.getSnapshot()).toMatchObject({
      thinking: 'hm '.repeat(500),
      tools: [{ inputText: 'x'.repeat(500) }],
    })
  })

  it('publishes of a burst of chunks in one task the first 16 at once, and the rest at the end of the task', async () => {
    const flushes: Flush[] = []
    const burst = Array.from({ length: 500 }, (_, i) => toolUse(`${i}`))
    const setup = setUp([{ body: burst, end: 'hang' }], { onFlush: (flush) => flushes.push(flush) })
    setup.start()
    await setup.clock.advance(0)
    expect(setup.client.getSnapshot().tools).toHaveLength(500)
    expect(flushes.length).toBeGreaterThanOrEqual(17)
    expect(flushes.length).toBeLessThan(40)
  })

  it('publishes what is not text at once even while the clock stands still', async () => {
    let next: (text: string) => void = () => {}
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        next = (text) => controller.enqueue(new TextEncoder().encode(text))
      },
    })
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const { start, client } = setUp([], { fetch, batch: { ms: 1000 } })
    start()
    const settled = () => new Promise((resolve) => setImmediate(resolve))
    await settled()
    next(token('a'))
    await settled()
    next(token('b'))
    await settled()
    expect(client.getSnapshot().text).toBe('a')
    next(toolUse('t'))
    await settled()
    expect(client.getSnapshot()).toMatchObject({ text: 'ab', activeTools: ['search'] })
    next(sse('tool_result', { tool_name: 'search', tool_use_id: 't', status: 'done' }))
    await settled()
    expect(client.getSnapshot().activeTools).toEqual([])
    client.stop()
  })

  it('publishes at most once for a network chunk', async () => {
    const chunk = token('a') + toolUse('1') + token('b') + toolUse('2') + token('c')
    const setup = setUp([{ body: [chunk, { waitMs: 5 }, done()] }])
    // start, the chunk, the end.
    expect(await flushesOf(setup)).toBe(3)
  })

  it('publishes on time although timers starve', async () => {
    // The clock moves while no timer fires: the deadline is seen when the next chunk comes.
    let nowMs = 0
    const clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => {} }
    const flushes: Flush[] = []
    let next: (chunk: Uint8Array) => void = () => {}
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        next = (chunk) => controller.enqueue(chunk)
      },
    })
    const { start } = setUp([], {
      clock,
      fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
      batch: { ms: 50 },
      onFlush: (flush) => flushes.push(flush),
    })
    start()
    for (; nowMs < 200; nowMs += 10) {
      next(new TextEncoder().encode(token('x')))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(flushes.map(({ atMs }) => atMs)).toEqual([0, 50, 100, 150])
  })
})
