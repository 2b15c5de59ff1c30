import { describe, expect, it } from 'vitest'

import {
  type AgentEvent,
  crc32,
  createFold,
  createRecordingReader,
  createSseReader,
  decodeEvent,
  decodePayload,
  EMPTY_RUN_STATE,
  type EndReason,
  encodePayload,
  endRun,
  parseRecording,
  type RunError,
  type RunState,
  type SseMessage,
} from '../src/index.ts'
import { applyPatch } from '../src/json-patch.ts'
import { camelCased, specText, vectorFiles } from './spec.ts'

interface SseCase {
  readonly name: string
  readonly text?: string
  readonly base64?: string
  readonly messages: readonly SseMessage[]
  readonly retries?: readonly number[]
  readonly comments?: readonly string[]
}

interface SseRead {
  readonly messages: SseMessage[]
  readonly retries: number[]
  readonly comments: string[]
}

function readSse(chunks: Iterable<Uint8Array>): SseRead {
  const read: SseRead = { messages: [], retries: [], comments: [] }
  const reader = createSseReader({
    onMessage: ({ event, data, id }) =>
      read.messages.push({ data, ...(event !== undefined && { event }), ...(id !== undefined && { id }) }),
    onRetry: (retryMs) => read.retries.push(retryMs),
    onComment: (comment) => read.comments.push(comment),
  })
  for (const chunk of chunks) reader.feed(chunk)
  return read
}

function* singleBytes(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1)
}

function expectAtEveryCut(bytes: Uint8Array, wanted: SseRead): void {
  expect(readSse([bytes])).toEqual(wanted)
  expect(readSse(singleBytes(bytes))).toEqual(wanted)
  const whole = JSON.stringify(wanted)
  for (let cut = 1; cut < bytes.length; cut++) {
    const read = readSse([bytes.subarray(0, cut), bytes.subarray(cut)])
    // Comparing texts is fast; the full comparison then shows what differs.
    if (JSON.stringify(read) !== whole) expect(read, `cut at byte ${cut}`).toEqual(wanted)
  }
}

describe.each(vectorFiles<SseCase>('sse'))('spec/vectors/sse/%s', (_file, { cases }) => {
  it.each(cases)('$name', ({ text, base64, messages, retries = [], comments = [] }) => {
    const wanted = {
      messages: messages.map(({ event, data, id }) => ({
        data,
        ...(event !== undefined && { event }),
        ...(id !== undefined && { id }),
      })),
      retries: [...retries],
      comments: [...comments],
    }
    const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)
    expectAtEveryCut(bytes, wanted)
    if (text?.includes('\r')) return
    for (const lineEnd of ['\r\n', '\r']) {
      expectAtEveryCut(
        Buffer.from(
          (text ?? bytes.toString('latin1')).replaceAll('\n', lineEnd),
          text === undefined ? 'latin1' : 'utf8',
        ),
        wanted,
      )
    }
  })
})

interface EventCase {
  readonly name: string
  readonly message: SseMessage
  readonly event?: string
  readonly payload?: Readonly<Record<string, unknown>>
  readonly warning?: string
}

describe.each(vectorFiles<EventCase>('events'))('spec/vectors/events/%s', (_file, { cases }) => {
  it.each(cases)('$name', ({ message, event, payload, warning }) => {
    const decoded = decodeEvent(message)
    if (warning !== undefined) {
      expect(decoded).toMatchObject({
        type: 'warning',
        code: warning,
        event: message.event ?? 'message',
        data: message.data,
      })
      return
    }
    const wanted = { type: event, ...(camelCased(payload) as object) }
    expect(decoded).toEqual(event === 'progress' ? { subProgress: null, ...wanted } : wanted)
    expect(encodePayload(decoded as AgentEvent)).toEqual(payload)
    expect(decodePayload(message.event ?? 'message', JSON.parse(message.data))).toEqual(decoded)
  })
})

type Frame = readonly [event: string, data: unknown, id?: number]

interface ExpectedState extends Partial<Omit<RunState, 'tools' | 'parts'>> {
  readonly tools?: readonly Readonly<Record<string, unknown>>[]
  readonly parts?: readonly Readonly<Record<string, unknown>>[]
}

interface StateCase {
  readonly name: string
  readonly order?: 'any'
  readonly frames: readonly Frame[]
  readonly end?: { readonly reason: EndReason; readonly error?: RunError }
  readonly state: ExpectedState
}

function runFrames(frames: readonly Frame[], end: StateCase['end'], isEachRead: boolean): RunState {
  const run = createFold({ applyPatch })
  for (const [event, data, seq] of frames) {
    const decoded = decodeEvent({ event, data: typeof data === 'string' ? data : JSON.stringify(data) })
    if (decoded.type === 'warning') run.warn(decoded, seq)
    else run.apply(decoded, seq)
    if (isEachRead) run.snapshot()
  }
  const state = run.snapshot()
  return end ? endRun(state, end.reason, end.error) : state
}

/** Compared only where a vector states them. */
const OPTIONAL: ReadonlySet<string> = new Set(['parts', 'eventCount', 'lastEventType', 'done', 'startedAt'])

const TOOL_DEFAULTS = { inputText: '', inputSummary: '', outputSummary: '', durationMs: 0 }

function expectState(state: RunState, wanted: ExpectedState, isOrdered: boolean): void {
  const tools = wanted.tools?.map((tool) => ({ ...TOOL_DEFAULTS, ...tool })) ?? []
  for (const key of Object.keys(EMPTY_RUN_STATE) as (keyof RunState)[]) {
    if (wanted[key] === undefined && OPTIONAL.has(key)) continue
    if (key === 'tools') {
      expect(isOrdered ? state.tools : sorted(state.tools), key).toEqual(isOrdered ? tools : sorted(tools))
    } else if (key === 'parts') {
      const parts = wanted.parts?.map((part) =>
        part.type === 'tool' ? { type: 'tool', tool: tools[part.tool as number] } : part,
      )
      expect(state.parts, key).toEqual(parts)
    } else if (key === 'warnings') {
      expect(state.warnings.length, key).toBe(wanted.warnings?.length ?? 0)
      expect(state.warnings, key).toMatchObject(wanted.warnings ?? [])
    } else {
      expect(state[key], key).toEqual(wanted[key] === undefined ? EMPTY_RUN_STATE[key] : wanted[key])
    }
  }
  const toolParts = state.parts.flatMap((part) => (part.type === 'tool' ? [part.tool] : []))
  expect(toolParts, 'every tool is a part').toEqual(state.tools)
}

function sorted(tools: readonly unknown[]): unknown[] {
  return tools.map((tool) => JSON.stringify(tool, Object.keys(tool as object).sort())).sort()
}

/** Every order of the frames that keeps each tool's own arguments in theirs. */
function* orders(frames: readonly Frame[]): Iterable<readonly Frame[]> {
  if (frames.length < 2) yield frames
  for (const [index, first] of frames.entries()) {
    if (frames.slice(0, index).some((earlier) => areInOrder(earlier, first))) continue
    for (const rest of orders(frames.toSpliced(index, 1))) yield [first, ...rest]
  }
}

function areInOrder([eventA, a]: Frame, [eventB, b]: Frame): boolean {
  const delta = 'tool_input_delta'
  const idOf = (data: unknown) => (data as { readonly tool_use_id?: string }).tool_use_id
  return eventA === delta && eventB === delta && idOf(a) === idOf(b)
}

describe.each(vectorFiles<StateCase>('state'))('spec/vectors/state/%s', (_file, { cases }) => {
  it.each(cases)('$name', ({ order, frames, end, state }) => {
    for (const inOrder of order === 'any' ? orders(frames) : [frames]) {
      expectState(runFrames(inOrder, end, false), state, order !== 'any')
      expectState(runFrames(inOrder, end, true), state, order !== 'any')
    }
  })
})

interface LinesCase {
  readonly name: string
  readonly lines?: readonly string[]
  readonly text?: string
  readonly sessions: readonly unknown[]
  readonly problems: readonly unknown[]
}

interface FileCase {
  readonly name: string
  readonly file: string
  readonly sessions: readonly FileFacts[]
}

interface FileFacts {
  readonly eventCounts: Readonly<Record<string, number>>
  readonly lastT: number
  readonly textChars: number
  readonly textHash: string
  readonly thinkingChars: number
  readonly thinkingHash: string
}

function callsOf(pieces: Iterable<string>): unknown[] {
  const calls: unknown[] = []
  const reader = createRecordingReader({
    onSession: (session) => calls.push(['session', session]),
    onEvent: (id, event) => calls.push(['event', id, event]),
    onEnd: (id, end) => calls.push(['end', id, end]),
    onProblem: (problem) => calls.push(['problem', problem]),
  })
  for (const piece of pieces) reader.feed(piece)
  reader.end()
  return calls
}

const lineCases = JSON.parse(specText('vectors/recordings/lines.json')) as { cases: LinesCase[] }

describe('spec/vectors/recordings/lines.json', () => {
  it.each(lineCases.cases)('$name', ({ lines = [], text, sessions, problems }) => {
    const recording = text ?? lines.map((line) => `${line}\n`).join('')
    const parsed = parseRecording(recording)
    expect(parsed.sessions).toEqual(sessions)
    expect(parsed.problems.map(({ code, line }) => ({ code, line }))).toEqual(problems)
    const whole = JSON.stringify(callsOf([recording]))
    expect(JSON.stringify(callsOf(recording))).toBe(whole)
    for (let cut = 1; cut < recording.length; cut++) {
      const calls = JSON.stringify(callsOf([recording.slice(0, cut), recording.slice(cut)]))
      if (calls !== whole) expect(calls, `cut at character ${cut}`).toBe(whole)
    }
  })
})

const fileCases = JSON.parse(specText('vectors/recordings/files.json')) as { cases: FileCase[] }

describe('spec/vectors/recordings/files.json', () => {
  it.each(fileCases.cases)('$name', ({ file, sessions }) => {
    const { sessions: read, problems } = parseRecording(specText(`vectors/recordings/${file}`))
    expect(problems).toEqual([])
    const facts = read.map(({ events, ...session }) => {
      const run = createFold()
      const eventCounts: Record<string, number> = {}
      for (const { event, data } of events) {
        eventCounts[event] = (eventCounts[event] ?? 0) + 1
        run.apply(decodePayload(event, data) as AgentEvent)
      }
      const { text, thinking, outcome } = run.snapshot()
      expect(outcome).toBe('complete')
      return {
        ...session,
        eventCounts,
        lastT: events.at(-1)?.t,
        textChars: [...text].length,
        textHash: crc32(text),
        thinkingChars: [...thinking].length,
        thinkingHash: crc32(thinking),
      }
    })
    expect(facts).toEqual(sessions)
  })
})
