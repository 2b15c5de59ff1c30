import type { Message } from '@ag-ui/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agUi } from '../../src/dialects/ag-ui.ts'
import type { AgentEvent, TokenEvent, Tool, ToolResultEvent, ToolUseEvent } from '../../src/index.ts'
import { anyEvents } from '../arbitrary.ts'
import { facts, withOneName } from './facts.ts'
import { encodeAgUi, readAgUi } from './read-ag-ui.ts'
import { foldPayloads } from './read-payloads.ts'

const START: AgentEvent = { type: 'run_started', runId: 'r1', startedAt: '', protocol: '1' }
const DONE: AgentEvent = {
  type: 'done',
  messageId: '',
  numTurns: 1,
  toolCount: 0,
  durationMs: 0,
  model: 'm-1',
  isError: false,
}
const token = (text: string, more: Partial<TokenEvent> = {}): AgentEvent => ({ type: 'token', text, ...more })
const use = (toolUseId: string, more: Partial<ToolUseEvent> = {}): AgentEvent => ({
  type: 'tool_use',
  toolName: 'add',
  toolUseId,
  inputSummary: '',
  status: 'running',
  ...more,
})
const result = (toolUseId: string, more: Partial<ToolResultEvent> = {}): AgentEvent => ({
  type: 'tool_result',
  toolName: 'add',
  toolUseId,
  outputSummary: '',
  durationMs: 0,
  status: 'done',
  ...more,
})
const encode = (...events: AgentEvent[]) => encodeAgUi(events).events
const IDS = { threadId: 'r1', runId: 'r1' }

describe('the AG-UI encoder', { timeout: 30_000 }, () => {
  it('brackets messages and calls', () => {
    const thinking: AgentEvent = { type: 'thinking', text: 'Hm' }
    const usage = { inputTokens: 3, cacheReadTokens: 1, outputTokens: 1.5 }
    const input = { input: { a: 1 } }
    expect(
      encode(
        START,
        thinking,
        token('A', { messageId: 'm' }),
        use('t', input),
        result('t', { output: { b: 2 } }),
        {
          ...DONE,
          usage,
          finishReason: 'end_turn',
        },
      ),
    ).toEqual([
      { type: 'RUN_STARTED', ...IDS, protocolVersion: '1.0' },
      { type: 'REASONING_START', messageId: 'reasoning' },
      { type: 'REASONING_MESSAGE_START', messageId: 'reasoning', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'reasoning', delta: 'Hm' },
      { type: 'REASONING_MESSAGE_END', messageId: 'reasoning' },
      { type: 'REASONING_END', messageId: 'reasoning' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'A' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm' },
      { type: 'TOOL_CALL_START', toolCallId: 't', toolCallName: 'add' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 't', delta: '{"a":1}' },
      { type: 'TOOL_CALL_END', toolCallId: 't' },
      {
        type: 'TOOL_CALL_RESULT',
        messageId: 't-result',
        toolCallId: 't',
        content: '{"b":2}',
        role: 'tool',
        metadata: { 'agent-stream': { json: true } },
      },
      {
        type: 'RUN_FINISHED',
        ...IDS,
        outcome: { type: 'success' },
        usage: [{ model: 'm-1', inputTokens: 3, cachedInputTokens: 1 }],
        metadata: { 'agent-stream': { finishReason: 'end_turn' } },
      },
    ])
  })

  it('goes on in the message of a block, and gives no id twice to anything else', () => {
    const starts = encode(
      START,
      token('a', { blockId: 'x' }),
      token('b', { blockId: 'y' }),
      token('a', { blockId: 'x' }),
      use('x', { input: {} }),
      token('c', { messageId: 'x' }),
    ).flatMap((event) => (event.type.endsWith('_START') ? [Object.values(event)[1]] : []))
    expect(starts).toEqual(['x', 'y', 'x', 'x~2', 'x~3'])
  })

  it('streams arguments, and those of a result that comes first after it', () => {
    const delta = (text: string): AgentEvent => ({ type: 'tool_input_delta', toolUseId: 't', delta: text })
    const types = (...events: AgentEvent[]) =>
      encode(START, ...events, DONE)
        .map(({ type }) => type)
        .slice(1, -1)
    expect(types(use('t'), delta('{"a":'), delta('1}'), use('t', { input: { a: 1 } }), result('t'))).toEqual([
      'TOOL_CALL_START',
      'TOOL_CALL_ARGS',
      'TOOL_CALL_ARGS',
      'TOOL_CALL_END',
      'TOOL_CALL_RESULT',
    ])
    expect(types(result('t'), use('t', { input: { a: 1 } }))).toEqual([
      'TOOL_CALL_START',
      'TOOL_CALL_END',
      'TOOL_CALL_RESULT',
      'TOOL_CALL_START',
      'TOOL_CALL_ARGS',
      'TOOL_CALL_END',
    ])
  })

  it('says a failed result where TanStack AI and this project look for it', () => {
    const [failed] = encode(START, use('t'), result('t', { status: 'error', output: 'No' })).filter(
      ({ type }) => type === 'TOOL_CALL_RESULT',
    )
    expect(failed).toMatchObject({ content: 'No', metadata: { tanstack: { state: 'output-error' } } })
  })

  it('ends a run that waits for a human with what it asks', async () => {
    const ask: AgentEvent = {
      type: 'input_required',
      inputId: 'i',
      kind: 'approval',
      message: 'Sure?',
      toolUseId: 't',
      schema: { type: 'boolean' },
      expiresAt: '2026-01-02T03:04:05Z',
    }
    const events = encode(START, use('t', { input: {} }), ask, DONE)
    expect(events.at(-1)).toMatchObject({
      outcome: {
        type: 'interrupt',
        interrupts: [
          {
            id: 'i',
            reason: 'approval',
            message: 'Sure?',
            toolCallId: 't',
            responseSchema: { type: 'boolean' },
            expiresAt: '2026-01-02T03:04:05Z',
          },
        ],
      },
    })
    expect((await readAgUi(events)).interruptIds).toEqual(['i'])
  })

  it('names the calls that the caller executes', async () => {
    const events = encode(START, use('t', { input: {} }), { ...DONE, finishReason: 'tool_use' })
    expect(await readAgUi(events)).toMatchObject({ outcome: 'success', pendingToolCallIds: ['t'] })
  })

  it('keeps sub-agents apart, and says when they begin and end', async () => {
    const events = encode(
      START,
      use('t', { toolName: 'research', input: {} }),
      token('Looking', { parentToolUseId: 't' }),
      result('t'),
      token('Other', { branchId: 'b' }),
      token('Found'),
      DONE,
    )
    expect(events.filter(({ type }) => type.startsWith('SUBAGENT'))).toEqual([
      { type: 'SUBAGENT_STARTED', subagentRunId: 'sub-agent:t', name: 'research', parentToolCallId: 't' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 'sub-agent:t' },
    ])
    const { messages } = await readAgUi(events)
    expect(messages.map(({ content, subagentRunId }) => [content, subagentRunId])).toEqual(
      expect.arrayContaining([
        ['Looking', 'sub-agent:t'],
        ['Other', 'b'],
        ['Found', undefined],
      ]),
    )
  })

  it('keeps the shared state, and passes patches on that AG-UI would not take', async () => {
    const patch = [{ op: 'add', path: '/n', value: 1 }]
    const events = encode(
      START,
      { type: 'state_snapshot', state: {} },
      { type: 'state_delta', patch },
      { type: 'state_delta', patch: [{ op: 'grow', path: 'n' }] },
      DONE,
    )
    expect(events.map(({ type }) => type)).toEqual([
      'RUN_STARTED',
      'STATE_SNAPSHOT',
      'STATE_DELTA',
      'CUSTOM',
      'RUN_FINISHED',
    ])
    expect((await readAgUi(events)).state).toEqual({ n: 1 })
  })

  it('opens and closes each step once', () => {
    const events = encode(
      START,
      { type: 'step_started', stepId: 'a', title: 'A' },
      { type: 'step_started', stepId: 'a' },
      { type: 'step_completed', stepId: 'b', status: 'skipped' },
      { type: 'step_completed', stepId: 'b', status: 'done' },
      DONE,
    )
    expect(events.slice(1, -1)).toEqual([
      { type: 'STEP_STARTED', stepName: 'a', metadata: { 'agent-stream': { title: 'A' } } },
      { type: 'STEP_STARTED', stepName: 'b' },
      { type: 'STEP_FINISHED', stepName: 'b', metadata: { 'agent-stream': { status: 'skipped' } } },
      { type: 'STEP_FINISHED', stepName: 'a', metadata: { 'agent-stream': { status: 'running' } } },
    ])
  })

  it('carries what AG-UI has no event for under its own name', () => {
    const progress = { step: 's', percentage: 5, message: '', subProgress: null }
    expect(
      encode(START, { type: 'progress', ...progress }, { type: 'custom', name: 'mood' }).slice(1, 3),
    ).toEqual([
      {
        type: 'CUSTOM',
        name: 'progress',
        value: { step: 's', percentage: 5, message: '' },
        metadata: { 'agent-stream': { isEvent: true } },
      },
      { type: 'CUSTOM', name: 'mood', value: null },
    ])
  })

  it('says how a run ended that did not succeed, and takes the ids of the client', () => {
    const error: AgentEvent = { type: 'error', errorType: 'quota', message: 'Slow down' }
    expect(encode(START, error, { ...DONE, isError: true }).at(-1)).toEqual({
      type: 'RUN_ERROR',
      message: 'Slow down',
      code: 'quota',
    })
    expect(encode(START).at(-1)).toMatchObject({ type: 'RUN_ERROR', code: 'truncated' })
    const { events } = encodeAgUi([START, { ...DONE, aborted: true }], { threadId: 'th', runId: 'ru' })
    expect(events.at(-1)).toMatchObject({ threadId: 'th', runId: 'ru', outcome: { type: 'cancelled' } })
  })

  it('ends in the same text, tools and outcome for AG-UI, whatever comes in whatever order', async () => {
    const runs = anyEvents.map((events) => events.filter(({ type }) => type !== 'rollback'))
    await fc.assert(
      fc.asyncProperty(runs, async (given) => {
        const { events, state } = encodeAgUi(given)
        const read = await readAgUi(events)
        expect(textOf(read.messages, 'assistant')).toBe(state.text)
        expect(textOf(read.messages, 'reasoning')).toBe(state.thinking)
        const tools = [...toolsOf(read.messages)]
        for (const tool of state.tools) {
          // A call whose name comes late begins late.
          const index = tools.findIndex((other) => isSameTool(other, tool))
          expect({ tool, index, tools }).toMatchObject({ index: expect.toSatisfy((at) => at >= 0) })
          tools.splice(index, 1)
        }
        expect(tools).toEqual([])
        expect(read.outcome).toBe(OUTCOMES[state.outcome as string])
      }),
      { numRuns: 100 },
    )
  })

  it('says what is preliminary of a call where the call is, whatever later events say', () => {
    const early = result('t', { preliminary: true, output: 1, branchId: 'b', parentToolUseId: 'p' })
    const events = encode(START, use('t', { branchId: 'b' }), early)
    const state = foldPayloads(agUi, ...events)
    expect(state.tools).toHaveLength(1)
    expect(state.tools[0]).toMatchObject({ branchId: 'b', output: 1 })
  })

  // Cut out of the whole again with each fragment, they would take minutes.
  it('writes a megabyte of streamed arguments in time that grows with them', () => {
    const delta: AgentEvent = { type: 'tool_input_delta', toolUseId: 't', delta: 'x'.repeat(50) }
    const { events } = encodeAgUi([START, use('t'), ...new Array<AgentEvent>(20_000).fill(delta)])
    expect(events.length).toBeGreaterThan(20_000)
  })

  it('is read again as the same run', () => {
    // A tool that was taken back is known by its branch too, and AG-UI has none for tools.
    const runs = anyEvents.map((events) =>
      withoutLateCalls(withOneInput(withOneName(events.filter(({ type }) => type !== 'rollback')))),
    )
    fc.assert(
      fc.property(runs, (given) => {
        const { events, state } = encodeAgUi(given)
        expect(facts(foldPayloads(agUi, ...events))).toEqual(facts(state))
      }),
    )
  })
})

const OUTCOMES: Readonly<Record<string, string>> = {
  complete: 'success',
  awaiting_tools: 'success',
  incomplete: 'success',
  awaiting_input: 'interrupt',
  stopped: 'cancelled',
  failed: 'error',
  truncated: 'error',
}

/**
 * AG-UI has no result without a call, so that a call which comes in a later turn than its result is another one there:
 * of runs with a result that comes first, the turns are left out.
 */
function withoutLateCalls(events: readonly AgentEvent[]): readonly AgentEvent[] {
  const called = new Set<string>()
  const keyOf = ({ toolUseId, branchId }: ToolUseEvent | ToolResultEvent) =>
    JSON.stringify([toolUseId, branchId])
  let isLate = false
  for (const event of events) {
    if (event.type === 'tool_use') called.add(keyOf(event))
    else if (event.type === 'tool_result') isLate ||= !called.has(keyOf(event))
  }
  return isLate ? events.filter(({ type }) => type !== 'turn') : events
}

/** Arguments that are streamed are the input: there they can only grow. */
function withOneInput(events: readonly AgentEvent[]): AgentEvent[] {
  const streamed = new Set(events.map((event) => event.type === 'tool_input_delta' && event.toolUseId))
  return events.map((event) => {
    if (event.type !== 'tool_use' || !streamed.has(event.toolUseId)) return event
    const { input: _, ...rest } = event
    return rest
  })
}

function textOf(messages: readonly Message[], role: string): string {
  const texts = messages.map((message) =>
    message.role === role && !message.subagentRunId && typeof message.content === 'string'
      ? message.content
      : '',
  )
  return texts.join('')
}

interface AgUiTool {
  readonly name: string
  readonly args: string
  readonly content: unknown
}

function toolsOf(messages: readonly Message[]): AgUiTool[] {
  const results = new Map(
    messages.flatMap((message) => (message.role === 'tool' ? [[message.toolCallId, message]] : [])),
  )
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  return calls.map(({ id, function: { name, arguments: args } }) => ({
    name,
    args,
    content: results.get(id)?.content,
  }))
}

/** Arguments only grow there: they are the whole input, or what was streamed of it. */
function isSameTool({ name, args, content }: AgUiTool, tool: Tool): boolean {
  const { status, input, inputText, output, outputSummary } = tool
  const text =
    typeof output === 'string' ? output : output === undefined ? outputSummary : JSON.stringify(output)
  const wanted =
    status === 'incomplete' ? 'The run ended before this tool did' : status === 'requested' ? undefined : text
  const isArgs = [input === undefined ? inputText : JSON.stringify(input), inputText].includes(args)
  return name === (tool.name || 'tool') && content === wanted && isArgs
}
