import { describe, expect, it } from 'vitest'

import { agUi } from '../../src/dialects/ag-ui.ts'
import type { Usage } from '../../src/index.ts'
import { describeDialect, type Expected } from './contract.ts'
import { foldPayloads, readPayloads } from './read-payloads.ts'
import type { RawMessage } from './streams.ts'

const read = (...events: unknown[]) => readPayloads(agUi, ...events)
const fold = (...events: unknown[]) => foldPayloads(agUi, ...events)
const START = { type: 'RUN_STARTED', threadId: 'th', runId: 'r1' }
const FINISH = { type: 'RUN_FINISHED', threadId: 'th', runId: 'r1' }
const text = (messageId: string, delta: string, more = {}) => [
  { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...more },
  { type: 'TEXT_MESSAGE_CONTENT', messageId, delta, ...more },
  { type: 'TEXT_MESSAGE_END', messageId, ...more },
]
const call = (toolCallId: string, args = '{}', more = {}) => [
  { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'add', ...more },
  { type: 'TOOL_CALL_ARGS', toolCallId, delta: args },
  { type: 'TOOL_CALL_END', toolCallId },
]

describe('AG-UI', () => {
  it('begins a run, and keeps what it was asked', () => {
    expect(read(START)).toEqual([{ type: 'run_started', runId: 'r1', startedAt: '', protocol: '' }])
    expect(read({ ...START, input: { messages: [] } })).toMatchObject([
      { type: 'run_started' },
      { type: 'custom', name: 'ag-ui.RUN_STARTED', value: { runId: 'r1', input: { messages: [] } } },
    ])
  })

  it('brings along what its state deltas need', () => {
    const patch = [{ op: 'add', path: '/list/-', value: 'tea' }]
    expect(agUi.applyPatch?.({ list: [] }, patch)).toEqual({ list: ['tea'] })
  })

  it('keeps messages apart that are interleaved', () => {
    const [startA, contentA] = text('a', 'A')
    const [startB, contentB] = text('b', 'B')
    const { parts } = fold(START, startA, startB, contentA, contentB, contentA, FINISH)
    expect(parts).toMatchObject([
      { type: 'text', text: 'AA', messageId: 'a' },
      { type: 'text', text: 'B', messageId: 'b' },
    ])
  })

  it('takes what others say for none of its text', () => {
    const state = fold(START, ...text('u', 'Hi', { role: 'user' }), ...text('a', 'Hello'), FINISH)
    expect(state.text).toBe('Hello')
    expect(state.parts[0]).toMatchObject({ type: 'custom', name: 'ag-ui.TEXT_MESSAGE_CONTENT' })
  })

  it('reads thinking, of this version and of earlier ones', () => {
    const state = fold(
      START,
      { type: 'REASONING_START', messageId: 'r' },
      { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'One. ' },
      { type: 'REASONING_MESSAGE_END', messageId: 'r' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId: 'r', encryptedValue: 'x' },
      { type: 'REASONING_END', messageId: 'r' },
      { type: 'THINKING_START', title: 'Plan' },
      { type: 'THINKING_TEXT_MESSAGE_START' },
      { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'Two.' },
      { type: 'THINKING_TEXT_MESSAGE_END' },
      { type: 'THINKING_END' },
    )
    expect(state.thinking).toBe('One. Two.')
    expect(state.parts.map((part) => (part.type === 'custom' ? part.value : part.type))).toEqual([
      'thinking',
      { subtype: 'message', entityId: 'r', encryptedValue: 'x' },
      { title: 'Plan' },
      'thinking',
    ])
    expect(state.warningCount).toBe(0)
  })

  it('expands chunks', () => {
    const state = fold(
      START,
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a', role: 'assistant', delta: 'Hel' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'lo' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 't1', toolCallName: 'add', delta: '{"a":' },
      { type: 'TOOL_CALL_CHUNK', delta: '1}' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 't2', toolCallName: 'add' },
      { type: 'TOOL_CALL_CHUNK', delta: '{}' },
      { type: 'REASONING_MESSAGE_CHUNK', messageId: 'r', delta: 'Hm' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a', delta: '!' },
      FINISH,
    )
    expect(state).toMatchObject({ text: 'Hello!', thinking: 'Hm', outcome: 'awaiting_tools' })
    expect(state.tools).toMatchObject([
      { id: 't1', name: 'add', input: { a: 1 }, inputText: '{"a":1}' },
      { id: 't2', name: 'add', input: {} },
    ])
    expect(state.parts.map(({ type }) => type)).toEqual(['text', 'tool', 'tool', 'thinking', 'text'])
  })

  it('reads calls with their results', () => {
    const parts = [{ type: 'text', text: 'three' }]
    const { tools } = fold(
      START,
      ...call('a', '{"x": 1}', { parentMessageId: 'm' }),
      ...call('b', 'no JSON', { parentMessageId: '' }),
      { type: 'TOOL_CALL_RESULT', messageId: 'ra', toolCallId: 'a', content: '{"sum": 3}', role: 'tool' },
      { type: 'TOOL_CALL_RESULT', messageId: 'rb', toolCallId: 'b', content: parts },
      FINISH,
    )
    expect(tools).toMatchObject([
      { id: 'a', name: 'add', status: 'done', messageId: 'm', input: { x: 1 }, output: '{"sum": 3}' },
      { id: 'b', status: 'done', inputText: 'no JSON', output: parts },
    ])
    expect(tools[1]).not.toHaveProperty('input')
    expect(tools[1]).not.toHaveProperty('messageId')
  })

  it('takes a result that comes before its call', () => {
    const result = { type: 'TOOL_CALL_RESULT', messageId: 'r', toolCallId: 'a', content: 'ok' }
    expect(fold(START, result, ...call('a'), FINISH)).toMatchObject({
      outcome: 'complete',
      tools: [{ id: 'a', name: 'add', status: 'done', output: 'ok' }],
    })
  })

  it("reads TanStack AI's failed results, arguments, reasons and several ends", () => {
    const tanstack = { finishReason: 'tool_calls', model: 'm-1' }
    const state = fold(
      START,
      { type: 'TOOL_CALL_START', toolCallId: 'a', toolCallName: 'add' },
      { type: 'TOOL_CALL_END', toolCallId: 'a', metadata: { tanstack: { input: { x: 1 } } } },
      { ...FINISH, usage: [{ inputTokens: 10, outputTokens: 1 }], metadata: { tanstack } },
      { type: 'TOOL_CALL_RESULT', messageId: 'r', toolCallId: 'a', content: 'no', state: 'output-error' },
      ...text('m', 'Failed.'),
      { ...FINISH, runId: 'r2', usage: [{ inputTokens: 20, outputTokens: 2, cachedInputTokens: 5 }] },
      '[DONE]',
    )
    expect(state).toMatchObject({
      outcome: 'complete',
      runId: 'r1',
      turn: { turnNumber: 2, totalTools: 1 },
      usage: { inputTokens: 30, outputTokens: 3, cacheReadTokens: 5 },
      done: { model: 'm-1', numTurns: 2, toolCount: 1 },
      tools: [{ status: 'error', input: { x: 1 }, output: 'no', outputSummary: 'no' }],
    })
    const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 }
    expect(fold(START, { ...FINISH, usage }).usage).toEqual({
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 3,
    })
    expect(fold(START, { ...FINISH, metadata: { tanstack: { finishReason: 'length' } } }).done).toMatchObject(
      {
        finishReason: 'length',
      },
    )
  })

  it('counts runs of one response as turns, and is not at its end while one runs', () => {
    expect(fold(START, FINISH, { ...START, runId: 'r2' }, ...text('a', 'A'))).toMatchObject({
      outcome: 'truncated',
      runId: 'r1',
      turn: { turnNumber: 2 },
    })
  })

  it('is not reopened by a state that follows the end', () => {
    const snapshot = { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } }
    expect(fold(START, ...text('a', 'A'), FINISH, snapshot).outcome).toBe('complete')
  })

  it('says how a run ended', () => {
    const said = text('a', 'A')
    const interrupt = {
      id: 'i',
      reason: 'input_required',
      message: 'Which?',
      responseSchema: {},
      expiresAt: '2026',
    }
    const end = (outcome: unknown, ...more: unknown[]) =>
      fold(START, ...said, ...more, { ...FINISH, outcome })
    expect(end(undefined).outcome).toBe('complete')
    expect(end({ type: 'success', pendingToolCallIds: ['t'] }, ...call('t')).outcome).toBe('awaiting_tools')
    expect(end({ type: 'cancelled' }).outcome).toBe('stopped')
    expect(end({ type: 'interrupt', interrupts: [interrupt] })).toMatchObject({
      outcome: 'awaiting_input',
      pendingInputs: [{ inputId: 'i', kind: 'question', message: 'Which?', schema: {}, expiresAt: '2026' }],
    })
    const approval = { id: 'i', reason: 'tool_call', toolCallId: 't' }
    expect(end({ type: 'interrupt', interrupts: [approval] }, ...call('t'))).toMatchObject({
      outcome: 'awaiting_input',
      pendingInputs: [{ kind: 'approval', toolUseId: 't', message: 'tool_call' }],
      tools: [{ status: 'requested' }],
    })
    expect(fold(START, ...said).outcome).toBe('truncated')
    expect(fold(START, ...said, { type: 'RUN_ERROR', message: 'No', code: 'quota' })).toMatchObject({
      outcome: 'failed',
      error: { errorType: 'quota', message: 'No' },
    })
    expect(fold(START, ...said, { type: 'RUN_ERROR', message: 'Aborted', code: 'aborted' }).outcome).toBe(
      'stopped',
    )
    expect(fold(START, ...said, FINISH, { type: 'RUN_ERROR', message: 'No' }).outcome).toBe('failed')
  })

  it('keeps steps apart that come again', () => {
    const step = (type: string) => ({ type, stepName: 'model' })
    const { steps } = fold(step('STEP_STARTED'), step('STEP_FINISHED'), step('STEP_STARTED'))
    expect(steps).toEqual([
      { stepId: 'model', title: 'model', status: 'done' },
      { stepId: 'model~2', title: 'model', status: 'running' },
    ])
  })

  it('puts what sub-agents say under their tool, or into a branch', () => {
    const state = fold(
      START,
      ...call('t'),
      {
        type: 'SUBAGENT_STARTED',
        subagentRunId: 's1',
        name: 'Search',
        parentToolCallId: 't',
        description: 'finds',
      },
      ...text('a', 'A', { subagentRunId: 's1' }),
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's1', outcome: { type: 'suspended' } },
      ...text('b', 'B', { subagentRunId: 's2' }),
      ...call('u', '{}', { subagentRunId: 's2' }),
      { type: 'TOOL_CALL_RESULT', messageId: 'r', toolCallId: 'u', content: 'ok' },
      { type: 'SUBAGENT_STARTED', subagentRunId: 's3', name: 'Write' },
      { type: 'SUBAGENT_ERROR', subagentRunId: 's3', message: 'No' },
      ...text('c', 'C'),
    )
    expect(state.text).toBe('C')
    expect(state.parts.filter(({ type }) => type === 'text')).toMatchObject([
      { text: 'A', parentToolUseId: 't' },
      { text: 'B', branchId: 's2' },
      { text: 'C' },
    ])
    expect(state.tools).toMatchObject([{ id: 't' }, { id: 'u', branchId: 's2', status: 'done' }])
    expect(state.steps).toMatchObject([
      { stepId: 's1', title: 'Search', status: 'suspended' },
      { stepId: 's3', title: 'Write', status: 'error' },
    ])
  })

  it('keeps state, custom events and what else has no event', () => {
    const patch = [{ op: 'add', path: '/a', value: 1 }]
    expect(
      read(
        { type: 'STATE_SNAPSHOT', snapshot: { a: 0 }, rawEvent: {} },
        { type: 'STATE_DELTA', delta: patch },
        { type: 'CUSTOM', name: 'mood', value: 3 },
        { type: 'CUSTOM', name: 'progress', value: { percentage: 40, message: 'Reading' } },
        { type: 'CUSTOM', name: 'progress', value: 'half' },
        {
          type: 'ACTIVITY_SNAPSHOT',
          messageId: 'p',
          activityType: 'PLAN',
          content: { steps: [] },
          timestamp: 1,
        },
        { type: 'ACTIVITY_DELTA', messageId: 'p', activityType: 'PLAN', patch },
        { type: 'MESSAGES_SNAPSHOT', messages: [] },
        { type: 'RAW', event: { x: 1 }, source: 'y' },
        { type: 'TEXT_MESSAGE_END', messageId: 'a', metadata: { cost: 1, tanstack: {} } },
      ),
    ).toEqual([
      { type: 'state_snapshot', state: { a: 0 } },
      { type: 'state_delta', patch },
      { type: 'custom', name: 'mood', value: 3 },
      { type: 'progress', step: '', percentage: 40, message: 'Reading', subProgress: null },
      { type: 'custom', name: 'progress', value: 'half' },
      {
        type: 'custom',
        name: 'ag-ui.ACTIVITY_SNAPSHOT',
        value: { messageId: 'p', activityType: 'PLAN', content: { steps: [] } },
      },
      {
        type: 'custom',
        name: 'ag-ui.ACTIVITY_DELTA',
        value: { messageId: 'p', activityType: 'PLAN', patch },
      },
      { type: 'custom', name: 'ag-ui.MESSAGES_SNAPSHOT', value: { messages: [] } },
      { type: 'custom', name: 'ag-ui.RAW', value: { event: { x: 1 }, source: 'y' } },
      { type: 'custom', name: 'ag-ui.TEXT_MESSAGE_END', value: { id: 'a', metadata: { cost: 1 } } },
    ])
  })

  it('warns of what it does not know and cannot read', () => {
    const events = read(
      { type: 'NONSENSE' },
      {},
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a' },
      { type: 'TOOL_CALL_ARGS' },
      'x',
    )
    expect(events.map((event) => event.type === 'warning' && event.code)).toEqual([
      'unknown_event',
      'unknown_event',
      'malformed_frame',
      'malformed_frame',
      'malformed_frame',
    ])
  })

  it('is told by its upper-case types', () => {
    const message = { data: '{}', event: undefined, id: undefined }
    expect(agUi.detect(message, START)).toBe(true)
    for (const type of ['start', 'text-delta', 'response.created', 'ping', 1, undefined]) {
      expect(agUi.detect(message, { type })).toBe(false)
    }
  })
})

interface RawEvent {
  readonly type: string
  readonly runId: string
  readonly delta: string
  readonly toolCallId: string
  readonly toolCallName: string
  readonly content: unknown
  readonly outcome?: { readonly type: string }
  readonly usage?: readonly Record<string, number>[]
  readonly metadata?: { readonly tanstack: { readonly finishReason?: string } }
}

/** Collects the events by their type, and puts the answer together from the collections. */
function oracle(messages: readonly RawMessage[]): Expected {
  const all = messages.map(({ payload }) => payload as RawEvent)
  const of = (type: string) => all.filter((event) => event.type === type)
  const joined = (type: string) =>
    of(type)
      .map(({ delta }) => delta)
      .join('')
  const end = of('RUN_FINISHED').at(-1)
  const isAtEnd =
    end !== undefined && !all.slice(all.indexOf(end)).some(({ type }) => type.startsWith('TEXT_MESSAGE'))
  const tools = of('TOOL_CALL_START').map(({ toolCallId: id, toolCallName: name }) => {
    const mine = all.filter(({ toolCallId }) => toolCallId === id)
    const inputText = mine.map(({ delta = '' }) => delta).join('')
    const output = mine.find(({ type }) => type === 'TOOL_CALL_RESULT')?.content
    const status = output === undefined ? ('requested' as const) : ('done' as const)
    return { id, name, inputText, input: JSON.parse(inputText), output, status }
  })
  const isOpen = tools.some(({ status }) => status === 'requested')
  const isInterrupted = end?.outcome?.type === 'interrupt'
  return {
    runId: of('RUN_STARTED')[0]?.runId ?? null,
    text: joined('TEXT_MESSAGE_CONTENT'),
    thinking: joined('REASONING_MESSAGE_CONTENT'),
    tools,
    usage: usageOf(of('RUN_FINISHED')),
    finishReason: isOpen ? 'tool-calls' : end?.metadata?.tanstack.finishReason,
    outcome: !isAtEnd
      ? 'truncated'
      : isInterrupted
        ? 'awaiting_input'
        : isOpen
          ? 'awaiting_tools'
          : 'complete',
  }
}

function usageOf(ends: readonly RawEvent[]): Usage | null {
  const entries = ends.flatMap(({ usage = [] }) => usage)
  const sum = (key: string) => entries.reduce((total, entry) => total + (entry[key] ?? 0), 0)
  if (entries.length === 0) return null
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    totalTokens: sum('totalTokens'),
    ...('reasoningTokens' in (entries[0] ?? {}) && { reasoningTokens: sum('reasoningTokens') }),
    ...('cachedInputTokens' in (entries[0] ?? {}) && { cacheReadTokens: sum('cachedInputTokens') }),
  }
}

describeDialect({ dialect: agUi, oracle })
