import type { AgentEvent, StreamWarning } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { rechunk } from '../src/testing/index.ts'
import { answer, broken, durable, EVENTS, LOST, setUp, sse, started, token } from './harness.ts'
import { chatty } from './tiny-dialect.ts'

const data = (payload: unknown, fields = '') => `${fields}data: ${JSON.stringify(payload)}\n\n`
const name = (id: string) => data({ chat: 'name', id })
const say = (text: string, fields?: string) => data({ chat: 'say', text }, fields)
const call = (id: string) => data({ chat: 'call', id })
const ends = (why = 'stop') => data({ chat: 'ends', why })
const OVER = data({ chat: 'over' })
const gap = (from: number, to: number) => data({ chat: 'gap', from, to })

/** A client that reads the tiny dialect, and all that it was told. */
function setUpForeign(...responses: Parameters<typeof setUp>[0]) {
  const parts = setUp(responses, { dialects: chatty })
  const events: AgentEvent[] = []
  const warnings: StreamWarning[] = []
  const more = {
    onEvent: (event: AgentEvent) => events.push(event),
    onWarning: (warning: StreamWarning) => warnings.push(warning),
  }
  const start = () => parts.client.start('/chat', {}, { ...parts.callbacks, ...more })
  return { ...parts, start, events, warnings }
}

describe('which dialect a response speaks', () => {
  it('is only this protocol without the option', async () => {
    const { client, clock, start } = setUp([{ body: [say('hi'), OVER] }])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'synthetic-done' })
    expect(client.getSnapshot()).toMatchObject({ text: '', warningCount: 2 })
  })

  it.each([
    ['one', chatty],
    ['one in a list', [chatty]],
    ['one of several', [{ ...chatty, detect: () => false }, chatty]],
  ])('is the given one that knows the first message: %s', async (_, dialects) => {
    const { client, clock, start } = setUp([{ body: [say('Hello '), say('you'), ends(), OVER] }], {
      dialects,
    })
    const result = start()
    await clock.advance(0)
    expect(await result).toEqual({ status: 'done', outcome: 'complete', error: null })
    expect(client.getSnapshot()).toMatchObject({ text: 'Hello you', warningCount: 0 })
  })

  it('is told by the headers too', async () => {
    const headers = { 'content-type': 'text/event-stream', 'x-chatty': '1' }
    const silent = { ...chatty, name: 'silent', detect: () => false }
    const body = [data('what?'), say('hi'), ends()]
    const { client, clock, start } = setUp([{ headers, body }], { dialects: [silent, chatty] })
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'hi', warningCount: 1 })
  })

  it('is this protocol when the response speaks it', async () => {
    const { client, clock, start } = setUp([answer(token('own', 7))], { dialects: [chatty] })
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'own', warningCount: 0 })
  })

  it('stays open through comments, ids and what nobody knows', async () => {
    const { client, clock, start } = setUp(
      [{ body: [': hello\n\n', 'id: 4\n\n', data({ cow: 1 }), data('['), say('hi'), ends()] }],
      { dialects: [chatty, { ...chatty, detect: () => false }] },
    )
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'hi', warningCount: 2 })
  })

  it('does not change within a response', async () => {
    const { client, clock, start } = setUpForeign({ body: [say('a'), token('b'), say('c'), OVER] })
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'ac', warningCount: 1 })
  })

  it('is asked of each response anew, with a decoder of its own', async () => {
    const { client, clock, start } = setUpForeign(
      broken(name('r1'), say('half'), say('-')),
      answer(token('whole')),
    )
    start()
    await clock.advance(1000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'whole' })
  })
})

describe('what comes in another dialect', () => {
  it('reaches callbacks and state like events of the protocol, batched like them', async () => {
    const { client, clock, start, told, events, flushes } = setUpForeign({
      body: [say('a'), say('b'), { waitMs: 5 }, say('c'), { waitMs: 5 }, say('d'), call('t1'), OVER],
    })
    start()
    await clock.advance(10)
    expect(told.tokens).toEqual(['a', 'b', 'c', 'd'])
    expect(events.map(({ type }) => type)).toEqual(['token', 'token', 'token', 'token', 'tool_use', 'done'])
    expect(told.dones).toEqual([expect.objectContaining({ finishReason: 'stop' })])
    expect(flushes.map(({ reason, textEvents }) => [reason, textEvents])).toEqual([
      ['first', 1],
      ['event', 3],
      ['event', 0],
    ])
    expect(client.getSnapshot()).toMatchObject({ text: 'abcd', eventCount: 6 })
  })

  it('reads the same however it is cut', async () => {
    const bytes = new TextEncoder().encode(
      name('r1') + say('Grüße 👋') + call('t1') + ends('tool_calls') + OVER,
    )
    for (const size of [1, 2, 3, 7]) {
      const { client, clock, start } = setUpForeign({ body: rechunk(bytes, size) })
      start()
      await clock.advance(0)
      expect(client.getSnapshot()).toMatchObject({
        runId: 'r1',
        text: 'Grüße 👋',
        outcome: 'awaiting_tools',
        tools: [{ id: 't1', status: 'requested' }],
      })
    }
  })

  it('takes no id of a foreign message for a sequence number', async () => {
    const { client, clock, start, requests } = setUpForeign({
      body: [name('r1'), say('a', 'id: 5\n'), say('b', 'id: 5\n'), say('c', 'id: 2\n'), OVER],
    })
    start()
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ text: 'abc', seq: { last: 0, gaps: [], duplicates: 0 } })
    expect(requests).toHaveLength(1)
  })

  it('tells warnings and keeps them', async () => {
    const { client, clock, start, warnings } = setUpForeign({ body: [say('a'), data({ chat: 'cow' }), OVER] })
    start()
    await clock.advance(0)
    expect(warnings).toEqual([expect.objectContaining({ code: 'unknown_event' })])
    expect(client.getSnapshot()).toMatchObject({ status: 'done', warnings, warningCount: 1 })
  })

  it('patches the shared state as a listed dialect knows how, or as the option says', async () => {
    const patching = { ...chatty, applyPatch: () => 'by the dialect' }
    const body = [sse('state_delta', { patch: [] }), sse('done')]
    const byDialect = setUp([{ body }], { dialects: [chatty, patching] })
    byDialect.start()
    await byDialect.clock.advance(0)
    expect(byDialect.client.getSnapshot()).toMatchObject({ state: 'by the dialect', warningCount: 0 })

    const byOption = setUp([{ body }], { dialects: patching, applyPatch: () => 'by the option' })
    byOption.start()
    await byOption.clock.advance(0)
    expect(byOption.client.getSnapshot()).toMatchObject({ state: 'by the option' })
  })

  it('ends in a callback that stops it, within one message', async () => {
    const { client, clock } = setUp([{ body: [data({ chat: 'say', text: 'a', twice: true })] }], {
      dialects: chatty,
    })
    client.start('/chat', {}, { onToken: () => client.stop() })
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', text: 'a' })
  })

  it('learns heartbeats from its comments', async () => {
    const beat = [': keep-alive\n\n', { waitMs: 20_000 }]
    const { client, clock, start } = setUpForeign(
      { body: [say('a'), ...beat, ...beat, ...beat], end: 'hang' },
      LOST,
    )
    start()
    await clock.advance(40_000 + 59_999)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', isStalled: false })
    await clock.advance(1)
    expect(client.getSnapshot().status).toBe('retrying')
  })
})

describe('an end that was announced', () => {
  it.each(['close', 'drop'] as const)('counts when the connection ends, by %s', async (end) => {
    const { client, clock, start, requests, told } = setUpForeign({ body: [say('all'), ends('length')], end })
    const result = start()
    await clock.advance(0)
    expect(await result).toEqual({ status: 'done', outcome: 'complete', error: null })
    expect(client.getSnapshot()).toMatchObject({ text: 'all', done: { finishReason: 'length' } })
    expect(told.dones).toEqual([expect.objectContaining({ finishReason: 'length' })])
    await clock.advance(60_000)
    expect(requests).toHaveLength(1)
  })

  it('counts when a message is too large', async () => {
    const { clock, start } = setUp([{ body: [say('all'), ends(), say('x'.repeat(100))] }], {
      dialects: chatty,
      limits: { maxMessageChars: 60 },
    })
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done', outcome: 'complete' })
  })

  it('counts after 5 s without a message on a connection that nobody closes', async () => {
    const { client, clock, start, requests } = setUpForeign({ body: [say('all'), ends()], end: 'hang' })
    const result = start()
    await clock.advance(4999)
    expect(client.getSnapshot().status).toBe('streaming')
    await clock.advance(1)
    expect(await result).toEqual({ status: 'done', outcome: 'complete', error: null })
    expect(requests).toHaveLength(1)
    expect(requests[0]?.isAborted).toBe(true)
    expect(clock.pendingCount).toBe(0)
  })

  it('is put off by messages, and not by comments', async () => {
    const { client, clock, start } = setUpForeign({
      body: [
        say('a'),
        ends(),
        { waitMs: 4000 },
        data({ chat: 'usage' }),
        ...Array(9)
          .fill([{ waitMs: 1000 }, ':\n\n'])
          .flat(),
      ],
      end: 'hang',
    })
    start()
    await clock.advance(8999)
    expect(client.getSnapshot().status).toBe('streaming')
    await clock.advance(1)
    expect(client.getSnapshot().status).toBe('done')
  })

  it('waits a minute for tools, whose results and another run may follow', async () => {
    const { client, clock, start } = setUpForeign({
      body: [call('t1'), ends('tool_calls'), { waitMs: 59_000 }, say('so'), ends('stop')],
      end: 'hang',
    })
    start()
    await clock.advance(59_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: 'so' })
    await clock.advance(5000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done' })
  })

  it('is taken back by what goes on after it', async () => {
    const { client, clock, start } = setUpForeign({
      body: [say('a'), ends(), data({ chat: 'more' }), say('b')],
      end: 'hang',
    })
    start()
    await clock.advance(30_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: 'ab' })
  })

  it('is none when there was none: the response is truncated, or dropped', async () => {
    const closed = setUpForeign({ body: [say('half')] })
    const result = closed.start()
    await closed.clock.advance(0)
    expect(await result).toMatchObject({ status: 'synthetic-done', outcome: 'truncated' })

    const dropped = setUpForeign(broken(say('half')), { body: [say('whole'), ends()] })
    dropped.start()
    await dropped.clock.advance(1000)
    expect(dropped.client.getSnapshot()).toMatchObject({ status: 'done', text: 'whole' })
    expect(dropped.told.restarts).toBe(1)
  })

  it('does not undo a stop', async () => {
    const { client, clock, start } = setUpForeign({ body: [call('t1'), ends('tool_calls')], end: 'hang' })
    start()
    await clock.advance(10)
    client.stop()
    await clock.advance(100_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', outcome: 'stopped', done: null })
  })
})

describe('a run in another dialect whose address is known', () => {
  it('is asked for from its beginning, as its messages have no numbers', async () => {
    const { client, clock, start, requests, told } = setUpForeign(
      durable(broken(name('r1'), say('a'), gap(2, 9), say('half'))),
      { body: [name('r1'), say('a'), say('ll'), ends()] },
    )
    start()
    await clock.advance(1000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'all' })
    expect(requests[1]).toMatchObject({ url: EVENTS, init: { method: 'GET' } })
    expect(requests[1]?.init.headers).not.toHaveProperty('Last-Event-ID')
    expect(told.restarts).toBe(1)
  })

  it('can be followed by resume()', async () => {
    const { client, clock, requests } = setUpForeign({ body: [name('r1'), say('all'), ends()] })
    client.resume('r1')
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'all', runId: 'r1' })
    expect(requests[0]?.url).toBe(EVENTS)
  })

  it('is cancelled where it is when it is stopped before it had a name', async () => {
    const { client, clock, requests } = setUp(
      [{ body: [{ waitMs: 500 }, name('r1')], end: 'hang' }, { status: 204 }],
      { dialects: chatty, eventsUrl: (runId) => `/runs/${runId}/events` },
    )
    client.start('/chat')
    await clock.advance(100)
    client.stop()
    await clock.advance(400)
    expect(requests[1]?.url).toBe('/runs/r1/cancel')
  })

  it('leaves a run of this protocol resumable by its numbers', async () => {
    const { client, clock, start, requests } = setUp(
      [
        durable(broken(started(), sse('custom', { name: 'x' }, 2))),
        { body: [token('!', 3), sse('done', {}, 4)] },
      ],
      { dialects: chatty },
    )
    start()
    await clock.advance(1000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', seq: { last: 4, gaps: [] } })
    expect(requests[1]?.init.headers).toMatchObject({ 'Last-Event-ID': '2' })
  })
})
