import { describe, expect, it } from 'vitest'

import { aiSdkUi } from '../../src/dialects/ai-sdk-ui.ts'
import { describeDialect, type Expected } from './contract.ts'
import { foldPayloads, readPayloads } from './read-payloads.ts'
import type { RawMessage } from './streams.ts'

const read = (...chunks: unknown[]) => readPayloads(aiSdkUi, ...chunks)
const fold = (...chunks: unknown[]) => foldPayloads(aiSdkUi, ...chunks)
const FINISH = { type: 'finish', finishReason: 'stop' }

describe('the AI SDK UI message stream', () => {
  it('begins a run with the message id', () => {
    expect(read({ type: 'start', messageId: 'm1' }, { type: 'start', messageId: 'm1' })).toEqual([
      { type: 'run_started', runId: 'm1', startedAt: '', protocol: '' },
    ])
    expect(read({ type: 'start' })).toEqual([])
  })

  it('keeps texts apart that have the id of an earlier one', () => {
    const { parts, text } = fold(
      { type: 'start-step' },
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'a' },
      { type: 'text-end', id: '0' },
      { type: 'start-step' },
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'b' },
      FINISH,
    )
    expect(text).toBe('ab')
    expect(parts).toEqual([
      { type: 'text', text: 'a', blockId: '0' },
      { type: 'text', text: 'b', blockId: '0~2' },
    ])
  })

  it('takes a delta that comes before its start', () => {
    expect(fold({ type: 'text-delta', id: '7', delta: 'Hi' }, FINISH)).toMatchObject({
      text: 'Hi',
      outcome: 'complete',
    })
  })

  it('parses arguments that are streamed only, once they are complete', () => {
    const { tools } = fold(
      { type: 'tool-input-start', toolCallId: 't1', toolName: 'add' },
      { type: 'tool-input-delta', toolCallId: 't1', inputTextDelta: '{"a":' },
      { type: 'tool-input-delta', toolCallId: 't1', inputTextDelta: '1}' },
      { type: 'tool-output-available', toolCallId: 't1', output: { sum: 2 } },
    )
    expect(tools).toMatchObject([
      { id: 't1', name: 'add', status: 'done', inputText: '{"a":1}', input: { a: 1 }, output: { sum: 2 } },
    ])
  })

  it('says a result that is preliminary, one that failed and one that was denied', () => {
    const call = { type: 'tool-input-available', toolName: 'x', input: {} }
    const { tools, activeTools } = fold(
      { ...call, toolCallId: 'a' },
      { ...call, toolCallId: 'b' },
      { ...call, toolCallId: 'c' },
      { type: 'tool-output-available', toolCallId: 'a', output: 1, preliminary: true },
      { type: 'tool-output-error', toolCallId: 'b', errorText: 'broken' },
      { type: 'tool-output-denied', toolCallId: 'c' },
    )
    expect(activeTools).toEqual([])
    expect(tools).toMatchObject([
      { id: 'a', status: 'incomplete', output: 1 },
      { id: 'b', status: 'error', output: 'broken', outputSummary: 'broken' },
      { id: 'c', status: 'error', outputSummary: 'denied' },
    ])
  })

  it('ends a call whose arguments were wrong, with them', () => {
    const { tools } = fold(
      { type: 'tool-input-error', toolCallId: 't1', toolName: 'x', input: '{"a', errorText: 'no JSON' },
      { type: 'tool-output-error', toolCallId: 't1', errorText: 'no JSON' },
    )
    expect(tools).toMatchObject([{ status: 'error', input: '{"a', outputSummary: 'no JSON' }])
  })

  it('waits for an approval, and takes the answer', () => {
    const ask = [
      { type: 'tool-input-available', toolCallId: 't1', toolName: 'send', input: {} },
      { type: 'tool-approval-request', approvalId: 'p1', toolCallId: 't1', reason: 'Sure?', signature: 's' },
    ]
    const finish = { type: 'finish', finishReason: 'tool-calls' }
    expect(fold(...ask, finish)).toMatchObject({
      outcome: 'awaiting_input',
      pendingInputs: [{ inputId: 'p1', kind: 'approval', message: 'Sure?', toolUseId: 't1' }],
      tools: [{ status: 'requested' }],
    })
    const answers = read({ type: 'tool-approval-response', approvalId: 'p1', approved: true })
    expect(answers).toEqual([{ type: 'input_received', inputId: 'p1', answer: true }])
    const reasons = read({ type: 'tool-approval-response', approvalId: 'p1', approved: false, reason: 'no' })
    expect(reasons).toMatchObject([{ answer: { approved: false, reason: 'no' } }])
  })

  it('waits for the tools of the caller, also where no reason is given', () => {
    const call = { type: 'tool-input-available', toolCallId: 't1', toolName: 'x', input: {} }
    expect(fold(call, { type: 'finish', finishReason: 'tool-calls' }).outcome).toBe('awaiting_tools')
    expect(fold(call, { type: 'finish' }).outcome).toBe('awaiting_tools')
    expect(fold(call, FINISH).outcome).toBe('incomplete')
  })

  it('counts steps as turns, and takes one back', () => {
    const events = read(
      { type: 'start-step' },
      { type: 'finish-step' },
      { type: 'start-step' },
      { type: 'reset-step' },
    )
    expect(events).toMatchObject([
      { type: 'turn', turnNumber: 1 },
      { type: 'turn', turnNumber: 2 },
      { type: 'rollback', to: 2 },
    ])
  })

  it('does not wait for a tool that was taken back', () => {
    const start = { type: 'tool-input-start', toolCallId: 't1', toolName: 'x' }
    const events = read({ type: 'start-step' }, start, { type: 'reset-step' }, { type: 'finish' })
    expect(events.at(-1)).not.toHaveProperty('finishReason')
  })

  it('keeps data parts, files, sources and what else has no event', () => {
    const reasoning = { type: 'reasoning-file', url: 'data:,r', mediaType: 'text/plain' }
    const steering = { type: 'steering-message', id: 's', parts: [{ type: 'text', text: 'left' }] }
    expect(
      read(
        { type: 'data-weather', id: 'w', data: { c: 3 }, transient: true },
        { type: 'data-progress', data: { percentage: 140, message: 'Reading' } },
        { type: 'data-progress', data: 'half' },
        { type: 'file', url: 'data:,a', mediaType: 'text/plain' },
        { type: 'source-url', sourceId: 'u', url: 'https://example.org', title: 'T' },
        {
          type: 'source-document',
          sourceId: 'd',
          mediaType: 'application/pdf',
          title: 'D',
          filename: 'd.pdf',
        },
        reasoning,
        steering,
        { type: 'custom', kind: 'a.b' },
      ),
    ).toEqual([
      { type: 'custom', name: 'ai-sdk-ui.data-weather', value: { id: 'w', data: { c: 3 }, transient: true } },
      { type: 'progress', step: '', percentage: 100, message: 'Reading', subProgress: null },
      { type: 'custom', name: 'ai-sdk-ui.data-progress', value: { data: 'half' } },
      { type: 'file', url: 'data:,a', mediaType: 'text/plain' },
      { type: 'source_added', sourceId: 'u', url: 'https://example.org', title: 'T' },
      { type: 'source_added', sourceId: 'd', title: 'D', mediaType: 'application/pdf' },
      { type: 'custom', name: 'ai-sdk-ui.source-document', value: { sourceId: 'd', filename: 'd.pdf' } },
      {
        type: 'custom',
        name: 'ai-sdk-ui.reasoning-file',
        value: { url: 'data:,r', mediaType: 'text/plain' },
      },
      { type: 'custom', name: 'ai-sdk-ui.steering-message', value: { id: 's', parts: steering.parts } },
      { type: 'custom', name: 'ai-sdk-ui.custom', value: { kind: 'a.b' } },
    ])
  })

  it("keeps a provider's metadata once, not with each delta", () => {
    const providerMetadata = { p: { signature: 'x' } }
    const events = read(
      { type: 'reasoning-start', id: 'r', providerMetadata },
      { type: 'reasoning-delta', id: 'r', delta: 'a', providerMetadata },
      { type: 'reasoning-delta', id: 'r', delta: '', providerMetadata: { p: { signature: 'y' } } },
    )
    expect(events).toEqual([
      { type: 'custom', name: 'ai-sdk-ui.reasoning-start', value: { id: 'r', providerMetadata } },
      { type: 'thinking', text: 'a', blockId: 'r' },
      {
        type: 'custom',
        name: 'ai-sdk-ui.reasoning-delta',
        value: { id: 'r', providerMetadata: { p: { signature: 'y' } } },
      },
    ])
  })

  it('reads the usage that a server puts into the metadata', () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      inputTokenDetails: { cacheReadTokens: 4 },
      outputTokenDetails: { reasoningTokens: 2 },
    }
    const state = fold({ type: 'text-delta', id: '0', delta: 'a' }, { ...FINISH, messageMetadata: { usage } })
    expect(state.usage).toEqual({
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      cacheReadTokens: 4,
      reasoningTokens: 2,
    })
  })

  it('holds the end back while other streams may be merged in', () => {
    const decoder = aiSdkUi.createDecoder()
    const decode = (chunk: unknown) =>
      decoder.decode({
        data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk),
        event: undefined,
        id: undefined,
      })
    expect(decode(FINISH)).toEqual([])
    expect(decoder.pending).toMatchObject({ type: 'done', finishReason: 'stop' })
    expect(decode({ type: 'data-x', data: 1 })).toHaveLength(1)
    expect(decode('[DONE]')).toMatchObject([{ type: 'done' }])
    expect(decoder.pending).toBeUndefined()
    expect(decoder.end()).toEqual([])
  })

  it('takes an end back that more text follows', () => {
    expect(fold(FINISH, { type: 'text-delta', id: '0', delta: 'a' }).outcome).toBe('truncated')
  })

  it('says how it ended', () => {
    const text = { type: 'text-delta', id: '0', delta: 'a' }
    const error = { type: 'error', errorText: 'Overloaded' }
    expect(fold(text, '[DONE]').outcome).toBe('truncated')
    expect(fold(text, FINISH, '[DONE]').outcome).toBe('complete')
    expect(fold(text, { type: 'abort', reason: 'user' }, '[DONE]').outcome).toBe('stopped')
    expect(fold(text, error, '[DONE]')).toMatchObject({ outcome: 'failed', error: { message: 'Overloaded' } })
    expect(fold(text, error, { type: 'finish', finishReason: 'error' }).outcome).toBe('failed')
    expect(fold(text, error, FINISH)).toMatchObject({ outcome: 'complete', error: { message: 'Overloaded' } })
    expect(fold(text, { type: 'finish', finishReason: 'length' }).done?.finishReason).toBe('length')
  })

  it('warns of what it does not know and cannot read', () => {
    const codes = read(
      { type: 'nonsense' },
      {},
      { type: 'text-delta', id: '0' },
      { type: 'tool-input-delta' },
      'x',
      '[1]',
    )
    expect(codes.map((event) => event.type === 'warning' && event.code)).toEqual([
      'unknown_event',
      'unknown_event',
      'malformed_frame',
      'malformed_frame',
      'malformed_frame',
      'malformed_frame',
    ])
  })

  it('is told by its header and by its chunks', () => {
    const message = { data: '{}', event: undefined, id: undefined }
    const header = { get: (name: string) => (name === 'x-vercel-ai-ui-message-stream' ? 'v1' : null) }
    expect(aiSdkUi.detect(message, {}, header)).toBe(true)
    for (const type of ['start', 'start-step', 'text-delta', 'tool-input-available', 'data-weather']) {
      expect(aiSdkUi.detect(message, { type })).toBe(true)
    }
    expect(aiSdkUi.detect(message, { type: 'error', errorText: 'x' })).toBe(true)
    for (const type of ['error', 'RUN_STARTED', 'message_start', 'response.created', 'ping', 1]) {
      expect(aiSdkUi.detect(message, { type })).toBe(false)
    }
  })
})

interface RawChunk {
  readonly type: string
  readonly messageId?: string
  readonly delta: string
  readonly toolCallId: string
  readonly toolName: string
  readonly inputTextDelta: string
  readonly input?: unknown
  readonly output?: unknown
  readonly errorText: string
  readonly finishReason?: string
  readonly url: string
}

/** Collects the chunks by their type, and puts the message together from the collections. */
function oracle(messages: readonly RawMessage[]): Expected {
  const all = messages.flatMap(({ payload }) => (payload === undefined ? [] : [payload as RawChunk]))
  const of = (type: string) => all.filter((chunk) => chunk.type === type)
  const joined = (type: string) =>
    of(type)
      .map(({ delta }) => delta)
      .join('')
  const ids = all
    .filter(({ type }) => /^tool-input-(start|available|error)$/.test(type))
    .map((chunk) => chunk.toolCallId)
  const tools = [...new Set(ids)].map((id) => {
    const mine = all.filter(({ toolCallId }) => toolCallId === id)
    const inputText = mine.map(({ inputTextDelta = '' }) => inputTextDelta).join('')
    const whole = mine.find(({ input }) => input !== undefined)
    const failure = mine.find(({ errorText }) => errorText !== undefined)
    const result = mine.find(({ output }) => output !== undefined)
    return {
      id,
      name: mine.find(({ toolName }) => toolName)?.toolName as string,
      inputText,
      input: whole ? whole.input : JSON.parse(inputText),
      output: failure ? failure.errorText : result?.output,
      status: failure ? ('error' as const) : ('done' as const),
    }
  })
  return {
    runId: of('start')[0]?.messageId ?? null,
    text: joined('text-delta'),
    thinking: joined('reasoning-delta'),
    tools,
    usage: null,
    finishReason: of('finish')[0]?.finishReason,
    outcome: of('abort').length > 0 ? 'stopped' : 'complete',
    sources: of('source-url').map(({ url }) => url),
  }
}

describeDialect({ dialect: aiSdkUi, oracle })
