import { createFold, createSseReader, decodeEvent, type RunState } from '@agent-stream/protocol'
import { agUiWire } from '@agent-stream/protocol/dialects/ag-ui'
import { aiSdkUiWire } from '@agent-stream/protocol/dialects/ai-sdk-ui'
import { afterEach, describe, expect, it, vi } from 'vitest'

import {
  AgentStreamEmitter,
  type AgentStreamResponseOptions,
  agentStreamResponse,
  type ResponseChunk,
} from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

const HEARTBEAT = ': heartbeat\n\n'

async function* from(...chunks: ResponseChunk[]): AsyncGenerator<ResponseChunk> {
  yield* chunks
}

async function* failing(error: unknown, ...chunks: ResponseChunk[]): AsyncGenerator<ResponseChunk> {
  yield* chunks
  throw error
}

/** A source that says nothing until it is told to. */
function silent() {
  const said: ResponseChunk[] = []
  let wake = () => {}
  const returned = vi.fn(async () => ({ done: true as const, value: undefined }))
  const next = vi.fn(async (): Promise<IteratorResult<ResponseChunk>> => {
    while (said.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return { value: said.shift() as ResponseChunk }
  })
  const say = (chunk: ResponseChunk) => {
    said.push(chunk)
    wake()
  }
  return { returned, next, say, source: { [Symbol.asyncIterator]: () => ({ next, return: returned }) } }
}

function stateOf(text: string): RunState {
  const fold = createFold()
  createSseReader({
    onMessage(message) {
      const event = decodeEvent(message)
      if (event.type === 'warning') fold.warn(event)
      else fold.apply(event, message.id === undefined ? undefined : Number(message.id))
    },
  }).feed(text)
  return fold.snapshot()
}

function readerOf(source: AsyncIterable<ResponseChunk>, options: AgentStreamResponseOptions = {}) {
  const response = agentStreamResponse(source, options)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const read = async () => new TextDecoder().decode((await reader.read()).value)
  return { read, cancel: () => reader.cancel() }
}

afterEach(() => vi.restoreAllMocks())

describe('agentStreamResponse', () => {
  it('is an event stream that no proxy holds back', () => {
    const { status, headers } = agentStreamResponse(from(), {
      headers: { 'x-run': '7', 'content-type': 'x/y' },
    })
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-run': '7',
    })
  })

  it('writes events, with done after the last', async () => {
    const text = await agentStreamResponse(from({ type: 'token', text: 'Hi' }, { type: 'tool_use' })).text()
    expect(text).toMatch(
      /^event: token\ndata: \{"text": "Hi"\}\n\nevent: tool_use\ndata: \{\}\n\nevent: done\n/,
    )
    expect(stateOf(text)).toMatchObject({ text: 'Hi', outcome: 'incomplete' })
  })

  it('numbers events once run_started has come, and counts them in done', async () => {
    const started = { type: 'run_started', runId: 'r1', startedAt: '', protocol: '1' } as const
    const state = stateOf(await agentStreamResponse(from(started, { type: 'token', text: 'Hi' })).text())
    expect(state).toMatchObject({ runId: 'r1', seq: { last: 3 }, outcome: 'complete', reconciled: true })
  })

  it('passes SSE text and bytes on as they are', async () => {
    const emitter = new AgentStreamEmitter()
    const bytes = new TextEncoder().encode('event: token\ndata: {"te')
    const response = agentStreamResponse(
      from(emitter.token('Hi'), '', bytes, 'xt": "!"}\n\n', emitter.done()),
    )
    expect(await response.text()).toBe(`${emitter.token('Hi')}${emitter.token('!')}${emitter.done()}`)
  })

  it('adds no done to text: whoever wrote it has the say', async () => {
    expect(await agentStreamResponse(from('event: token\ndata: {"text": "Hi"}\n\n')).text()).not.toContain(
      'done',
    )
    expect(await agentStreamResponse(from()).text()).toBe('')
  })

  it('ends with done, and lets the agent clean up', async () => {
    let isClean = false
    async function* agent(): AsyncGenerator<ResponseChunk> {
      try {
        yield { type: 'done', numTurns: 3 }
        yield { type: 'token', text: 'late' }
      } finally {
        isClean = true
      }
    }
    const text = await agentStreamResponse(agent()).text()
    expect(stateOf(text).done?.numTurns).toBe(3)
    expect(text).not.toContain('late')
    expect(isClean).toBe(true)
  })

  it('tells what the agent threw to onError alone, and ends as failed', async () => {
    const onError = vi.fn()
    const secret = new Error('password is 1234')
    const text = await agentStreamResponse(failing(secret, { type: 'token', text: 'Hi' }), { onError }).text()
    expect(onError).toHaveBeenCalledExactlyOnceWith(secret)
    expect(text).not.toContain('1234')
    expect(stateOf(text)).toMatchObject({
      text: 'Hi',
      outcome: 'failed',
      error: { errorType: 'agent_error', message: 'The agent failed' },
    })
  })

  it('numbers the error of a run, too', async () => {
    const started = { type: 'run_started', runId: 'r1', startedAt: '', protocol: '1' } as const
    const response = agentStreamResponse(failing(new Error('no'), started), { onError: () => {} })
    expect(stateOf(await response.text())).toMatchObject({ seq: { last: 3, gaps: [] }, reconciled: true })
  })

  it('says on the console what nobody else is told of', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    await agentStreamResponse(failing('boom')).text()
    expect(log).toHaveBeenCalledWith('boom')
  })

  it('ends the message that the source broke off in, so that the error is read', async () => {
    const onError = vi.fn()
    const text = await agentStreamResponse(failing(new Error(), 'event: token\ndata: {"te'), {
      onError,
    }).text()
    expect(stateOf(text)).toMatchObject({
      warningCount: 1,
      outcome: 'failed',
      error: { errorType: 'agent_error' },
    })
  })

  it.each([
    [null, 'The source gave null; expected an event like'],
    [5, 'The source gave number; expected an event like'],
    [{ type: 'tokn' }, '"tokn" is not an event type'],
    [{ type: 'token' }, '"token" event without a valid text'],
  ])('treats %j, which is no event, as a failure of the agent', async (value, message) => {
    const onError = vi.fn()
    const text = await agentStreamResponse(from(value as ResponseChunk), { onError }).text()
    expect(stateOf(text).outcome).toBe('failed')
    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    )
  })

  it('refuses a heartbeat that would never rest', () => {
    expect(() => agentStreamResponse(from(), { heartbeatMs: 0 })).toThrow(
      'heartbeatMs: expected milliseconds above 0',
    )
  })

  it('pulls nothing before it is read, and one value for each read', async () => {
    const { source, next, say } = silent()
    const { read } = readerOf(source)
    await new ManualClock().advance(0)
    expect(next).not.toHaveBeenCalled()
    const first = read()
    say('one')
    expect(await first).toBe('one')
    await new ManualClock().advance(0)
    expect(next).toHaveBeenCalledOnce()
  })

  it('sends a heartbeat whenever nothing has come for heartbeatMs', async () => {
    const clock = new ManualClock()
    const { source, say, next } = silent()
    const { read } = readerOf(source, { clock })
    for (let beat = 0; beat < 3; beat++) {
      const beaten = read()
      await clock.advance(14_999)
      await clock.advance(1)
      expect(await beaten).toBe(HEARTBEAT)
    }
    const text = read()
    say({ type: 'token', text: 'Hi' })
    expect(await text).toContain('"Hi"')
    expect(next).toHaveBeenCalledOnce()
    expect(clock.pendingCount).toBe(0)
  })

  it.each([
    ['data: {"te', false],
    ['data: {}\n', false],
    ['data: {}\r\n', false],
    ['data: {}\n\n', true],
    ['data: {}\r\n\r\n', true],
    ['data: {}\r\r', true],
    ['data: {}\n\r', true],
    ['data: {}\r\n\n', true],
  ])('after %j a heartbeat fits: %s', async (chunk, fits) => {
    const clock = new ManualClock()
    const { source, say } = silent()
    const { read } = readerOf(source, { clock })
    const first = read()
    say(chunk)
    await first
    const second = read()
    await clock.advance(15_000)
    say('rest')
    expect(await second).toBe(fits ? HEARTBEAT : 'rest')
  })

  it('returns the source when the client leaves, though it says nothing', async () => {
    const clock = new ManualClock()
    const { source, returned } = silent()
    const { read, cancel } = readerOf(source, { clock })
    void read()
    await cancel()
    expect(returned).toHaveBeenCalledOnce()
    expect(clock.pendingCount).toBe(0)
  })

  it('does not mind what the source throws when the client has left', async () => {
    const onError = vi.fn()
    const { read, cancel } = readerOf(
      {
        [Symbol.asyncIterator]: () => ({
          next: async () => Promise.reject(new Error('aborted')),
          return: async () => Promise.reject(new Error('aborted')),
        }),
      },
      { onError },
    )
    const last = read()
    await cancel()
    await last
    await new ManualClock().advance(0)
    expect(onError).not.toHaveBeenCalled()
  })

  it('speaks another wire, whatever the source gives', async () => {
    const emitter = new AgentStreamEmitter()
    const whole = emitter.token(' there')
    const chunks: ResponseChunk[] = [
      { type: 'token', text: 'Hi' },
      whole.slice(0, 20),
      new TextEncoder().encode(whole.slice(20)),
    ]
    const response = agentStreamResponse(from(...chunks), { dialect: aiSdkUiWire, body: { messages: [] } })
    expect(response.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1')
    const lines = (await response.text()).split('\n\n').filter((line) => line !== '')
    expect(lines).toEqual([
      'data: {"type":"start"}',
      'data: {"type":"start-step"}',
      'data: {"type":"text-start","id":"text"}',
      'data: {"type":"text-delta","id":"text","delta":"Hi"}',
      'data: {"type":"text-delta","id":"text","delta":" there"}',
      'data: {"type":"text-end","id":"text"}',
      'data: {"type":"finish-step"}',
      'data: {"type":"finish","finishReason":"stop"}',
      'data: [DONE]',
    ])
  })

  it('ends in another wire what the source breaks off', async () => {
    const onError = vi.fn()
    const source = failing(new Error('no model'), { type: 'token', text: 'Hi' })
    const text = await agentStreamResponse(source, {
      dialect: agUiWire,
      body: { threadId: 'th' },
      onError,
    }).text()
    expect(text.trimEnd().split('\n\n').at(-1)).toBe(
      'data: {"type":"RUN_ERROR","message":"The agent failed","code":"agent_error"}',
    )
    expect(text).toContain('"threadId":"th"')
    expect(onError).toHaveBeenCalledOnce()
  })
})
