import {
  type AgentEvent,
  createFold,
  createSseReader,
  decodeEvent,
  type RunState,
  type SseMessage,
} from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { AgentStreamEmitter } from '../../src/index.ts'

const plain = new AgentStreamEmitter()

function messagesOf(...texts: string[]): SseMessage[] {
  const messages: SseMessage[] = []
  const reader = createSseReader({ onMessage: (message) => messages.push(message) })
  for (const text of texts) reader.feed(text)
  return messages
}

function stateOf(...texts: string[]): RunState {
  const fold = createFold()
  for (const message of messagesOf(...texts)) {
    const event = decodeEvent(message)
    if (event.type === 'warning') fold.warn(event)
    else fold.apply(event, message.id === undefined ? undefined : Number(message.id))
  }
  return fold.snapshot()
}

describe('AgentStreamEmitter', () => {
  // What the Python emitter returns for the same call.
  it.each([
    ['token', plain.token('Hi'), '{"text": "Hi"}'],
    ['thinking', plain.thinking('Hm'), '{"text": "Hm"}'],
    [
      'tool_use',
      plain.toolUse('search', 't1'),
      '{"tool_name": "search", "tool_use_id": "t1", "input_summary": "", "status": "running"}',
    ],
    [
      'tool_use',
      plain.toolUse('search', 't1', 'q=foo'),
      '{"tool_name": "search", "tool_use_id": "t1", "input_summary": "q=foo", "status": "running"}',
    ],
    [
      'tool_result',
      plain.toolResult('search', 't1', '3 hits', 120),
      '{"tool_name": "search", "tool_use_id": "t1", "output_summary": "3 hits", "duration_ms": 120, "status": "done"}',
    ],
    [
      'tool_result',
      plain.toolResult('search', 't1', '', 0, true),
      '{"tool_name": "search", "tool_use_id": "t1", "output_summary": "", "duration_ms": 0, "status": "error"}',
    ],
    ['turn', plain.turn(2), '{"turn_number": 2, "total_tools": 0}'],
    [
      'progress',
      plain.progress('read', 40, 'Reading'),
      '{"step": "read", "percentage": 40, "message": "Reading"}',
    ],
    [
      'progress',
      plain.progress('read', 40, 'Reading', { current: 2, total: 5, itemTitle: 'page 2' }),
      '{"step": "read", "percentage": 40, "message": "Reading", "sub_progress": {"current": 2, "total": 5, "item_title": "page 2"}}',
    ],
    [
      'creation',
      plain.creation('page', 1, 't1', [{ title: 'Cats' }]),
      '{"creation_type": "page", "count": 1, "tool_use_id": "t1", "items": [{"title": "Cats"}]}',
    ],
    [
      'creation',
      plain.creation('page', 0),
      '{"creation_type": "page", "count": 0, "tool_use_id": "", "items": []}',
    ],
    [
      'error',
      plain.error('rate_limit', 'Slow down'),
      '{"error_type": "rate_limit", "message": "Slow down", "details": {}}',
    ],
    [
      'done',
      plain.done('m1', 2, 1, 900, 'x-1', 0.5),
      '{"message_id": "m1", "num_turns": 2, "tool_count": 1, "duration_ms": 900, "model": "x-1", "total_cost_usd": 0.5}',
    ],
    [
      'done',
      plain.done(),
      '{"message_id": "", "num_turns": 0, "tool_count": 0, "duration_ms": 0, "model": "", "total_cost_usd": 0}',
    ],
  ])('writes %s as the original does', (name, text, data) => {
    expect(text).toBe(`event: ${name}\ndata: ${data}\n\n`)
  })

  it('takes what an event may carry besides as its last argument', () => {
    const branch = { branchId: 'b1', parentToolUseId: 't0' }
    expect(
      messagesOf(
        plain.token('No', { refusal: true, ...branch }),
        plain.toolUse('search', 't1', '', { input: { q: 'a, b: c' }, ...branch }),
        plain.toolResult('search', 't1', '', 0, false, { output: [1], preliminary: true }),
        plain.done({ numTurns: 2, finishReason: 'stop', usage: { inputTokens: 3 } }),
      ).map(decodeEvent),
    ).toEqual([
      { type: 'token', text: 'No', refusal: true, ...branch },
      {
        type: 'tool_use',
        toolName: 'search',
        toolUseId: 't1',
        inputSummary: '',
        status: 'running',
        input: { q: 'a, b: c' },
        ...branch,
      },
      {
        type: 'tool_result',
        toolName: 'search',
        toolUseId: 't1',
        outputSummary: '',
        durationMs: 0,
        status: 'done',
        output: [1],
        preliminary: true,
      },
      {
        type: 'done',
        messageId: '',
        numTurns: 2,
        toolCount: 0,
        durationMs: 0,
        model: '',
        isError: false,
        totalCostUsd: 0,
        finishReason: 'stop',
        usage: { inputTokens: 3 },
      },
    ])
  })

  it.each<[AgentEvent, string]>([
    [{ type: 'tool_input_delta', toolUseId: 't1', delta: '{"a' }, plain.toolInputDelta('t1', '{"a')],
    [
      { type: 'plan_created', steps: [{ stepId: 's', title: 'S' }] },
      plain.planCreated([{ stepId: 's', title: 'S' }]),
    ],
    [{ type: 'step_started', stepId: 's' }, plain.stepStarted('s')],
    [{ type: 'step_started', stepId: 's', title: 'S' }, plain.stepStarted('s', 'S')],
    [{ type: 'step_completed', stepId: 's', status: 'done' }, plain.stepCompleted('s')],
    [
      { type: 'step_completed', stepId: 's', status: 'failed', durationMs: 3 },
      plain.stepCompleted('s', 'failed', 3),
    ],
    [
      { type: 'source_added', sourceId: 'w', url: 'https://a.b' },
      plain.sourceAdded('w', { url: 'https://a.b' }),
    ],
    [{ type: 'quality_checked', check: 'c', passed: true, score: 0.9 }, plain.qualityChecked('c', true, 0.9)],
    [{ type: 'input_required', inputId: 'i', kind: 'question', message: '' }, plain.inputRequired('i')],
    [
      { type: 'input_required', inputId: 'i', kind: 'choice', message: 'Which?', options: ['a', 'b'] },
      plain.inputRequired('i', 'choice', 'Which?', { options: ['a', 'b'] }),
    ],
    [{ type: 'input_received', inputId: 'i', answer: null }, plain.inputReceived('i', null)],
    [{ type: 'input_received', inputId: 'i' }, plain.inputReceived('i')],
    [{ type: 'file', url: 'https://a.b/c', mediaType: '' }, plain.file('https://a.b/c')],
    [{ type: 'custom', name: 'mood', value: { a: 1 } }, plain.custom('mood', { value: { a: 1 } })],
    [{ type: 'state_snapshot', state: { cart: [] } }, plain.stateSnapshot({ cart: [] })],
    [
      { type: 'state_delta', patch: [{ op: 'remove', path: '/a' }] },
      plain.stateDelta([{ op: 'remove', path: '/a' }]),
    ],
    [{ type: 'rollback', to: 2 }, plain.rollback(2)],
    [{ type: 'gap', fromSeq: 4, toSeq: 6 }, plain.gap(4, 6)],
  ])('writes %j', (event, text) => {
    expect(messagesOf(text).map(decodeEvent)).toEqual([event])
  })

  it('has a method for every event of the protocol', () => {
    const methods = Object.getOwnPropertyNames(AgentStreamEmitter.prototype).length - 1
    expect(methods).toBe(24)
  })

  it('keeps line ends inside text', () => {
    expect(messagesOf(plain.token('a\n\ndata: b\r\n')).map(decodeEvent)).toEqual([
      { type: 'token', text: 'a\n\ndata: b\r\n' },
    ])
  })

  it('refuses what no reader would take', () => {
    expect(() => plain.token(undefined as unknown as string)).toThrow(
      new TypeError('"token" event without a valid text'),
    )
    expect(() => plain.turn('1' as unknown as number)).toThrow(TypeError)
  })

  it('numbers a run from run_started, which comes with the first event', () => {
    const emitter = new AgentStreamEmitter({ runId: 'r1', heartbeatMs: 15_000 })
    const texts = [emitter.token('Hel'), emitter.token('lo'), emitter.gap(7, 8), emitter.done()]
    const messages = messagesOf(...texts)
    expect(messages.map(({ event, id }) => [event, id])).toEqual([
      ['run_started', '1'],
      ['token', '2'],
      ['token', '3'],
      ['gap', undefined],
      ['done', '4'],
    ])
    expect(decodeEvent(messages[0] as SseMessage)).toMatchObject({
      runId: 'r1',
      protocol: '1',
      heartbeatMs: 15_000,
    })
    expect(messages.slice(0, 1)).toEqual(messagesOf(texts[0] as string).slice(0, 1))
  })

  it('counts in done what was sent, so that the reader can check it', () => {
    const emitter = new AgentStreamEmitter({ runId: 'r1' })
    const started = emitter.runStarted()
    const texts = [
      emitter.thinking('Hm'),
      emitter.token('naïve 😀'),
      emitter.token('not the root', { branchId: 'b' }),
      emitter.done({ isError: false }),
    ]
    const state = stateOf(started, ...texts)
    expect(state.done?.final).toEqual({
      eventCount: 4,
      textChars: 7,
      textHash: expect.stringMatching(/^[0-9a-f]{8}$/),
    })
    expect(state.reconciled).toBe(true)
  })

  it('leaves a final packet alone that it is given', () => {
    const emitter = new AgentStreamEmitter({ runId: 'r1' })
    expect(stateOf(emitter.done({ final: { eventCount: 9 } })).done?.final).toEqual({ eventCount: 9 })
    expect(stateOf(plain.done({ final: { eventCount: 9 } })).done?.final).toEqual({ eventCount: 9 })
  })

  it('says what cannot follow', () => {
    const emitter = new AgentStreamEmitter({ runId: 'r1' })
    emitter.done()
    expect(() => emitter.token('late')).toThrow('"token" cannot follow "done", which ended the run')
    const twice = new AgentStreamEmitter({ runId: 'r1' })
    twice.runStarted()
    expect(() => twice.runStarted()).toThrow('"run_started" came twice')
    expect(() => plain.runStarted()).toThrow('use new AgentStreamEmitter({ runId })')
  })
})
