import { isToolUIPart, type UIMessage } from 'ai'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AiSdkUiChunk, aiSdkUi } from '../../src/dialects/ai-sdk-ui.ts'
import type {
  AgentEvent,
  DoneEvent,
  Payload,
  TokenEvent,
  Tool,
  ToolResultEvent,
  ToolUseEvent,
} from '../../src/index.ts'
import { anyEvents } from '../arbitrary.ts'
import { facts, withOneName } from './facts.ts'
import { foldPayloads } from './read-payloads.ts'
import { encodeUi, readUiMessage } from './read-ui-message.ts'

const START: AgentEvent = { type: 'run_started', runId: 'r1', startedAt: '', protocol: '1' }
const token = (text: string, more: Partial<TokenEvent> = {}): AgentEvent => ({ type: 'token', text, ...more })
const turn = (turnNumber: number): AgentEvent => ({ type: 'turn', turnNumber, totalTools: 0 })
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
const done = (more: Partial<DoneEvent> = {}): AgentEvent => ({
  type: 'done',
  messageId: '',
  numTurns: 1,
  toolCount: 0,
  durationMs: 0,
  model: '',
  isError: false,
  ...more,
})
const encode = (...events: AgentEvent[]) => encodeUi(events).chunks
const typesOf = (chunks: readonly AiSdkUiChunk[]) => chunks.map(({ type }) => type)

describe('the AI SDK UI encoder', { timeout: 30_000 }, () => {
  it('brackets steps, text and calls', () => {
    const events = [START, turn(1), token('Hm', { messageId: 'm' }), use('t', { input: { a: 1 } })]
    expect(
      encode(...events, result('t', { output: 2 }), turn(2), token('2'), done({ finishReason: 'end_turn' })),
    ).toEqual([
      { type: 'start', messageId: 'r1' },
      { type: 'start-step' },
      { type: 'text-start', id: 'm' },
      { type: 'text-delta', id: 'm', delta: 'Hm' },
      { type: 'text-end', id: 'm' },
      { type: 'tool-input-start', toolCallId: 't', toolName: 'add' },
      { type: 'tool-input-available', toolCallId: 't', toolName: 'add', input: { a: 1 } },
      { type: 'tool-output-available', toolCallId: 't', output: 2 },
      { type: 'finish-step' },
      { type: 'start-step' },
      { type: 'text-start', id: 'text' },
      { type: 'text-delta', id: 'text', delta: '2' },
      { type: 'text-end', id: 'text' },
      { type: 'finish-step' },
      { type: 'finish', finishReason: 'stop' },
    ])
  })

  it('lets an answer after a result be another step, also where the server counts no turns', () => {
    const types = typesOf(encode(START, use('t', { input: {} }), result('t'), token('2'), done()))
    expect(types.filter((type) => type === 'start-step')).toHaveLength(2)
  })

  it('streams arguments, and says a result that comes first as soon as it can', () => {
    const delta = (text: string): AgentEvent => ({ type: 'tool_input_delta', toolUseId: 't', delta: text })
    expect(
      typesOf(encode(START, use('t'), delta('{"a":'), delta('1}'), use('t', { input: { a: 1 } }))),
    ).toEqual([
      'start',
      'start-step',
      'tool-input-start',
      'tool-input-delta',
      'tool-input-delta',
      'tool-input-available',
      'tool-output-error',
      'finish-step',
      'error',
    ])
    expect(typesOf(encode(START, result('t', { output: 1 }), use('t', { input: {} }), done()))).toEqual([
      'start',
      'start-step',
      'tool-input-start',
      'tool-input-available',
      'tool-output-available',
      'tool-input-available',
      'tool-output-available',
      'finish-step',
      'finish',
    ])
  })

  it('says of a failed call what its output says, though that is nothing', () => {
    const errorOf = (more: Partial<ToolResultEvent>) => {
      const chunks = encode(START, use('t'), result('t', { status: 'error', ...more }))
      return chunks.find((chunk) => chunk.type === 'tool-output-error')?.errorText
    }
    expect(errorOf({ output: '' })).toBe('')
    expect(errorOf({ outputSummary: 'no such page' })).toBe('no such page')
    expect(errorOf({})).toBe('The tool failed')
  })

  it('asks for an approval, once the call is known, and tells what was denied', () => {
    const ask: AgentEvent = {
      type: 'input_required',
      inputId: 'i',
      kind: 'approval',
      message: 'Sure?',
      toolUseId: 't',
    }
    const answer: AgentEvent = { type: 'input_received', inputId: 'i', answer: false }
    const chunks = encode(
      START,
      ask,
      use('t', { input: {} }),
      answer,
      result('t', { status: 'error' }),
      done(),
    )
    expect(chunks.filter(({ type }) => /approval|output/.test(type))).toEqual([
      { type: 'tool-approval-request', approvalId: 'i', toolCallId: 't', reason: 'Sure?' },
      { type: 'tool-approval-response', approvalId: 'i', approved: false },
      { type: 'tool-output-denied', toolCallId: 't' },
    ])
    const waiting = encode(START, use('t', { input: {} }), ask, done())
    expect(waiting.at(-1)).toEqual({ type: 'finish', finishReason: 'tool-calls' })
  })

  it('takes back the step of a turn that starts again', async () => {
    const events = [START, turn(1), token('Kept. '), turn(2), token('Lost'), use('t', { input: {} })]
    const chunks = encode(...events, { type: 'rollback', to: 2 }, token('Told.'), done())
    const { parts } = await readUiMessage(chunks)
    expect(parts.map((part) => ('text' in part ? part.text : part.type))).toEqual([
      'step-start',
      'Kept. ',
      'step-start',
      'Told.',
    ])
  })

  it('tells an error only where it is the end', () => {
    const error: AgentEvent = { type: 'error', errorType: 'quota', message: 'Slow down' }
    expect(encode(START, error, token('a'), done()).slice(2, 3)).toEqual([
      { type: 'data-error', data: { error_type: 'quota', message: 'Slow down' }, agentStream: true },
    ])
    expect(encode(START, error, done({ isError: true })).slice(-2)).toEqual([
      { type: 'error', errorText: 'Slow down' },
      { type: 'finish', finishReason: 'error' },
    ])
    expect(encode(START, token('a')).at(-1)).toEqual({
      type: 'error',
      errorText: 'The stream ended before the run did',
    })
    expect(encode(START, done({ aborted: true })).at(-1)).toEqual({ type: 'abort' })
  })

  it('says why it finished', () => {
    const reason = (...events: AgentEvent[]) =>
      (encode(START, ...events).at(-1) as { finishReason?: string }).finishReason
    expect(reason(token('a'), done())).toBe('stop')
    expect(reason(token('a'), done({ finishReason: 'max_tokens' }))).toBe('length')
    expect(reason(token('a'), done({ finishReason: 'content_filter' }))).toBe('content-filter')
    expect(reason(token('a'), done({ finishReason: 'error' }))).toBe('stop')
    expect(reason(token('a'), done({ finishReason: 'pause_turn' }))).toBe('other')
    expect(reason(use('t', { input: {} }), done({ finishReason: 'tool_use' }))).toBe('tool-calls')
    expect(reason(done())).toBe('other')
  })

  it('puts into data parts what the AI SDK has no chunk for', () => {
    const chunks = encode(
      START,
      token('a', { branchId: 'b' }),
      token('b', { branchId: 'b' }),
      { type: 'progress', step: 's', percentage: 5, message: '', subProgress: null },
      { type: 'custom', name: 'mood', value: 3 },
      {
        type: 'custom',
        name: 'ai-sdk-ui.data-weather',
        value: { id: 'w', data: { c: 3 }, transient: true, x: 1 },
      },
      { type: 'state_snapshot', state: { n: 1 } },
      { type: 'source_added', sourceId: 's', mediaType: 'application/pdf' },
      { type: 'file', url: 'data:,a', mediaType: 'text/plain', name: 'a.txt' },
      done(),
    )
    expect(chunks.slice(2, -2)).toEqual([
      {
        type: 'data-progress',
        id: 'progress',
        data: { step: 's', percentage: 5, message: '' },
        agentStream: true,
      },
      { type: 'data-mood', data: 3 },
      { type: 'data-weather', id: 'w', data: { c: 3 }, transient: true },
      { type: 'data-state-snapshot', transient: true, data: { state: { n: 1 } }, agentStream: true },
      { type: 'source-document', sourceId: 's', mediaType: 'application/pdf', title: 's' },
      {
        type: 'file',
        url: 'data:,a',
        mediaType: 'text/plain',
        providerMetadata: { agentStream: { name: 'a.txt' } },
      },
      { type: 'data-token', data: { text: 'ab', branch_id: 'b' }, agentStream: true },
    ])
  })

  it('takes options for the message', () => {
    const usage = { inputTokens: 1 }
    const options = {
      messageId: 'm',
      isDynamic: true,
      messageMetadata: (end: Payload<DoneEvent>) => ({ usage: end.usage }),
    }
    const { chunks } = encodeUi([START, use('t', { input: {} }), result('t'), done({ usage })], options)
    expect(chunks[0]).toEqual({ type: 'start', messageId: 'm' })
    expect(chunks[2]).toMatchObject({ dynamic: true })
    expect(chunks.at(-1)).toMatchObject({ messageMetadata: { usage } })
    expect(encodeUi([START], { messageId: null }).chunks[0]).toEqual({ type: 'start' })
  })

  it('tells another name of a call, and its input, also after a first result of nothing known', async () => {
    const early = result('t', { toolName: 'early', output: [], preliminary: true, branchId: 'b' })
    const named = encodeUi([early, use('t', { toolName: 'late', branchId: 'b' })])
    expect(toolsOf(await readUiMessage(named.chunks))).toMatchObject([{ name: 'late' }])
    const other = [use('u', { input: 0 }), result('u'), use('v')]
    const { chunks } = encodeUi([early, ...other, use('t', { input: ['x'], branchId: 'b' })])
    expect(toolsOf(await readUiMessage(chunks))[0]).toMatchObject({ input: ['x'] })
  })

  it('has no result for a call in the place of one that was taken back', async () => {
    const { chunks } = encodeUi([
      { type: 'progress', step: 's', percentage: 0, message: '', subProgress: null },
      { type: 'turn', turnNumber: 1, totalTools: 0 },
      result('t'),
      { type: 'rollback', to: 0 },
      { type: 'tool_input_delta', toolUseId: 't', delta: '', branchId: 'b' },
    ])
    await readUiMessage(chunks)
  })

  it('writes what the AI SDK reads, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, async (events) => {
        await readUiMessage(encodeUi(events).chunks)
      }),
      { numRuns: 100 },
    )
  })

  it('ends in the same text and tools', async () => {
    // A summary is told in the place of an input: one that comes steps later has no place any more.
    const runs = anyEvents.map((events) =>
      events
        .filter(({ type }) => type !== 'turn' && type !== 'rollback')
        .map((event) => (event.type === 'tool_use' ? { ...event, inputSummary: '' } : event)),
    )
    await fc.assert(
      fc.asyncProperty(runs, async (events) => {
        const { chunks, state } = encodeUi(events)
        const message = await readUiMessage(chunks)
        expect(textsOf(message)).toEqual({ text: state.text, reasoning: state.thinking })
        // A call whose name comes late begins late.
        expect(sorted(toolsOf(message))).toEqual(sorted(state.tools.map(asUiTool)))
      }),
      { numRuns: 100 },
    )
  })

  // Cut out of the whole again with each fragment, they would take minutes.
  it('writes a megabyte of streamed arguments in time that grows with them', () => {
    const delta: AgentEvent = { type: 'tool_input_delta', toolUseId: 't', delta: 'x'.repeat(50) }
    const { chunks } = encodeUi([START, use('t'), ...new Array<AgentEvent>(20_000).fill(delta)])
    expect(chunks.length).toBeGreaterThan(20_000)
  })

  it('is read again as the same run', () => {
    const runs = anyEvents.map((events) => withOneName(events.filter(({ type }) => type !== 'turn')))
    fc.assert(
      fc.property(runs, (events) => {
        const { chunks, state } = encodeUi(events)
        expect(facts(foldPayloads(aiSdkUi, ...chunks))).toEqual(facts(state))
      }),
    )
  })
})

function textsOf({ parts }: UIMessage) {
  const joined = (type: string) =>
    parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
  return { text: joined('text'), reasoning: joined('reasoning') }
}

function toolsOf({ parts }: UIMessage) {
  return parts.filter(isToolUIPart).map((part) => ({
    name: part.type.slice('tool-'.length),
    input: part.input,
    state: part.state.replace(/^approval-.*/, 'input-available').replace('output-denied', 'output-error'),
    output: part.output ?? null,
  }))
}

/** The same of our own state. */
function asUiTool({ name, status, input, inputText, output, outputSummary }: Tool) {
  return {
    name: name || 'tool',
    input: input === undefined ? (parsed(inputText) ?? (inputText || {})) : input,
    state: { done: 'output-available', requested: 'input-available' }[status as string] ?? 'output-error',
    output: status !== 'done' ? null : output === undefined ? outputSummary || null : output,
  }
}

function sorted<T>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
