import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder, Dialect } from '../dialect.ts'
import type { DoneEvent } from '../event.ts'
import { applyPatch } from '../json-patch.ts'
import { isRecord } from '../shape.ts'
import { createBlockIds } from './block-ids.ts'
import { textOf } from './fields.ts'
import { createJsonDecoder, customRest, type JsonObject, parseJson, unknownMessage } from './json-messages.ts'
import { nativeEvent } from './native-event.ts'
import { createToolCalls } from './tool-calls.ts'

export { type AgUiEncoderOptions, agUiWire, createAgUiEncoder } from './ag-ui-encoder.ts'
export type { AgUiEvent, AgUiInterrupt, AgUiOutcome, AgUiUsage } from './ag-ui-event.ts'
export type { Encoder, Wire } from './encoder.ts'

const NAME = 'ag-ui'

/** AG-UI 1.0 as `HttpAgent` reads it, and what earlier versions and TanStack AI say otherwise (`spec/dialects.md`). */
export const agUi: Dialect = {
  name: NAME,
  detect: (_message, payload) =>
    isRecord(payload) && typeof payload.type === 'string' && /^[A-Z]+(_[A-Z]+)*$/.test(payload.type),
  createDecoder,
  applyPatch,
}

type Lane = 'token' | 'thinking'

function createDecoder(): Decoder {
  const blocks = { token: createBlockIds(), thinking: createBlockIds(), step: createBlockIds() }
  const tools = createToolCalls()
  const usage = new Map<string, number>()
  /** Where what a sub-agent says belongs, by its run's id. */
  const subAgents = new Map<unknown, JsonObject>()
  /** Where a message belongs that says so only as it begins. */
  const owners = new Map<unknown, JsonObject>()
  /** Messages of others than the assistant: their text is none of the answer's. */
  const others = new Set<unknown>()
  /** By sub-agent, what chunks that name nothing go on with. */
  const chunked = new Map<unknown, { readonly kind: string; readonly id: unknown }>()
  let thought = ''
  let hasStarted = false
  let turn = 1
  let model: unknown
  /** The end that RUN_FINISHED announced: an agent loop may go on in the same response. */
  let pending: DoneEvent | undefined

  function originOf({ subagentRunId }: JsonObject): JsonObject {
    return subAgents.get(subagentRunId) ?? { branchId: subagentRunId }
  }

  /** A further run in the same response. */
  function goOn(): Decoded {
    if (!pending) return []
    pending = undefined
    return [decodePayload('turn', { turnNumber: ++turn, totalTools: tools.count() })]
  }

  function open(lane: Lane, event: JsonObject): Decoded {
    const { messageId, role = 'assistant' } = event
    owners.set(messageId, originOf(event))
    if (lane === 'token' && role !== 'assistant') others.add(messageId)
    if (typeof messageId === 'string') blocks[lane].open(messageId)
    return []
  }

  function text(lane: Lane, event: JsonObject, data: string): Decoded {
    const { messageId, delta } = event
    if (delta === '') return []
    if (lane === 'token' && others.has(messageId)) return other(event)
    const blockId = typeof messageId === 'string' ? blocks[lane].of(messageId) : undefined
    const origin = event.subagentRunId === undefined ? owners.get(messageId) : originOf(event)
    return [decodePayload(lane, { ...origin, text: delta, messageId, blockId }, data)]
  }

  function other({ type, rawEvent, timestamp, ...value }: JsonObject): Decoded {
    return [decodePayload('custom', { ...originOf(value), name: `${NAME}.${type}`, value })]
  }

  function call(event: JsonObject, data: string): Decoded {
    const { toolCallId, toolCallName: toolName = event.toolName, parentMessageId } = event
    const origin = { ...originOf(event), messageId: parentMessageId || undefined }
    return tools.use(toolCallId, { toolName }, turn, data, origin)
  }

  /** The shorthand: an id that differs from the last one's begins what START would, and ends what END would. */
  function chunk(kind: Lane | 'tool', event: JsonObject, data: string): Decoded {
    const key = kind === 'tool' ? 'toolCallId' : 'messageId'
    const last = chunked.get(event.subagentRunId)
    const id = event[key] ?? (last?.kind === kind ? last.id : undefined)
    const isNew = last?.kind !== kind || last.id !== id
    const events = isNew && last?.kind === 'tool' ? tools.complete(last.id) : []
    const whole = { delta: '', ...event, [key]: id }
    chunked.set(event.subagentRunId, { kind, id })
    if (kind !== 'tool') {
      if (isNew) open(kind, whole)
      return [...events, ...text(kind, whole, data)]
    }
    const begin = isNew ? call(whole, data) : []
    return [...events, ...begin, ...(whole.delta === '' ? [] : tools.delta(id, whole.delta, data))]
  }

  function result(event: JsonObject, data: string): Decoded {
    const { toolCallId, content } = event
    const { state = event.state, json, lacks, status, outputSummary, durationMs } = own(event)
    // That the run ended before the tool did, it says itself.
    if (status === 'incomplete') return []
    const isError = state === 'output-error'
    const output = lacks ? undefined : json === true ? parseJson(textOf(content)) : content
    const summary = outputSummary ?? (isError ? content : undefined)
    const fields = { output, status: isError ? 'error' : 'done', outputSummary: summary, durationMs }
    return tools.result(toolCallId, fields, data, originOf(event))
  }

  /** Steps go forward only: one that begins again under its name is another one. */
  function step(
    type: 'step_started' | 'step_completed',
    id: unknown,
    fields: JsonObject,
    data: string,
  ): Decoded {
    if (typeof id !== 'string') return [decodePayload(type, {}, data)]
    const stepId = type === 'step_started' ? blocks.step.open(id) : blocks.step.of(id)
    return [decodePayload(type, { ...fields, stepId }, data)]
  }

  function subAgent(event: JsonObject, data: string): Decoded {
    const { subagentRunId, name, parentToolCallId } = event
    subAgents.set(
      subagentRunId,
      typeof parentToolCallId === 'string'
        ? { parentToolUseId: parentToolCallId }
        : { branchId: subagentRunId },
    )
    const { description, parentSubagentRunId, parentMessageId } = event
    const rest = { description, parentSubagentRunId, parentMessageId }
    return [
      ...step('step_started', subagentRunId, { title: name }, data),
      ...customRest(`${NAME}.${event.type}`, { subagentRunId }, rest, originOf(event)),
    ]
  }

  function addUsage(given: unknown): void {
    for (const entry of Array.isArray(given) ? given : [given]) {
      if (!isRecord(entry)) continue
      model = entry.model ?? model
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'number') continue
        const name = USAGE[key] ?? key
        usage.set(name, (usage.get(name) ?? 0) + value)
      }
    }
  }

  function done(event: JsonObject, fields: JsonObject): DoneEvent {
    addUsage(event.usage)
    model = own(event).model ?? event.model ?? model
    const counts = { numTurns: turn, toolCount: tools.count(), model }
    const all = { ...counts, ...(usage.size > 0 && { usage: Object.fromEntries(usage) }), ...fields }
    // No field of `done` is one that it cannot do without.
    return decodePayload('done', all) as DoneEvent
  }

  function finish(event: JsonObject): Decoded {
    const { events, ids } = tools.open()
    const outcome = isRecord(event.outcome) ? event.outcome : {}
    const { finishReason: said = event.finishReason } = own(event)
    const reason = said === undefined && ids.length > 0 ? 'tool-calls' : said
    const interrupts = Array.isArray(outcome.interrupts) ? outcome.interrupts.filter(isRecord) : []
    pending = done(event, { finishReason: reason, aborted: outcome.type === 'cancelled' || undefined })
    return [
      ...events,
      ...interrupts.flatMap(question),
      ...customRest(`${NAME}.RUN_FINISHED`, {}, { result: event.result }),
    ]
  }

  function fail(event: JsonObject, data: string): Decoded {
    const { message, code } = event
    const isAborted = /^abort(ed)?$/.test(textOf(code))
    const end = done(event, isAborted ? { aborted: true } : { isError: true })
    pending = undefined
    return [...tools.open().events, decodePayload('error', { errorType: code, message }, data), end]
  }

  function end(): Decoded {
    const events = pending ? [pending] : []
    pending = undefined
    return events
  }

  function readKnown(event: JsonObject, data: string): Decoded | undefined {
    const { type, toolCallId, stepName, subagentRunId } = event
    switch (type) {
      case 'RUN_STARTED': {
        const { runId, parentRunId, input } = event
        const begin = hasStarted ? [] : [decodePayload('run_started', { runId }, data)]
        hasStarted = true
        return [...begin, ...customRest(`${NAME}.RUN_STARTED`, { runId }, { parentRunId, input })]
      }
      case 'TEXT_MESSAGE_START':
        return open('token', event)
      case 'TEXT_MESSAGE_CONTENT':
        return text('token', event, data)
      case 'TEXT_MESSAGE_CHUNK':
        return chunk('token', event, data)
      case 'REASONING_MESSAGE_START':
        return open('thinking', event)
      case 'REASONING_MESSAGE_CONTENT':
        return text('thinking', event, data)
      case 'REASONING_MESSAGE_CHUNK':
        return chunk('thinking', event, data)
      case 'THINKING_TEXT_MESSAGE_START':
        thought = blocks.thinking.open('thought')
        return []
      case 'THINKING_TEXT_MESSAGE_CONTENT':
        return [decodePayload('thinking', { text: event.delta, blockId: thought || undefined }, data)]
      case 'THINKING_START':
        return customRest(`${NAME}.${type}`, {}, { title: event.title })
      case 'TEXT_MESSAGE_END':
      case 'REASONING_START':
      case 'REASONING_END':
      case 'REASONING_MESSAGE_END':
      case 'THINKING_TEXT_MESSAGE_END':
      case 'THINKING_END':
        return []
      case 'TOOL_CALL_START':
        return call(event, data)
      case 'TOOL_CALL_ARGS':
        return tools.delta(toolCallId, event.delta, data)
      case 'TOOL_CALL_CHUNK':
        return chunk('tool', event, data)
      case 'TOOL_CALL_END': {
        const { input = event.input } = own(event)
        return input === undefined ? tools.complete(toolCallId) : tools.use(toolCallId, { input }, turn, data)
      }
      case 'TOOL_CALL_RESULT':
        return result(event, data)
      case 'STEP_STARTED':
        return step('step_started', stepName, { title: stepName, ...own(event) }, data)
      case 'STEP_FINISHED':
        return step('step_completed', stepName, own(event), data)
      case 'SUBAGENT_STARTED':
        return subAgent(event, data)
      case 'SUBAGENT_FINISHED':
      case 'SUBAGENT_ERROR': {
        const { result, outcome, message, code } = event
        const status =
          type === 'SUBAGENT_ERROR'
            ? 'error'
            : isRecord(outcome) && outcome.type === 'suspended'
              ? 'suspended'
              : 'done'
        return [
          ...step('step_completed', subagentRunId, { status }, data),
          ...customRest(`${NAME}.${type}`, { subagentRunId }, { result, message, code }, originOf(event)),
        ]
      }
      case 'STATE_SNAPSHOT':
        return [decodePayload('state_snapshot', { state: event.snapshot }, data)]
      case 'STATE_DELTA':
        return [decodePayload('state_delta', { patch: event.delta }, data)]
      case 'CUSTOM': {
        const { name, value } = event
        return [
          nativeEvent(textOf(name), value) ??
            decodePayload('custom', { ...originOf(event), name, value }, data),
        ]
      }
      case 'ACTIVITY_SNAPSHOT':
      case 'ACTIVITY_DELTA': {
        const progress = nativeEvent('progress', event.content)
        return progress ? [progress] : other(event)
      }
      case 'REASONING_ENCRYPTED_VALUE':
      case 'MESSAGES_SNAPSHOT':
      case 'RAW':
        return other(event)
      case 'RUN_FINISHED':
        return finish(event)
      case 'RUN_ERROR':
        return fail(event, data)
    }
    return undefined
  }

  function read(event: JsonObject, data: string): Decoded {
    const { type, messageId, toolCallId } = event
    const next = REOPENING.test(textOf(type)) ? goOn() : []
    const events = readKnown(event, data)
    if (!events) return [unknownMessage(NAME, type, data)]
    const rest = customRest(
      `${NAME}.${type}`,
      { messageId, toolCallId },
      { metadata: foreignMetadata(event) },
    )
    return [...next, ...rest, ...events]
  }

  return createJsonDecoder({ read, end, pending: () => pending })
}

/** What only a run that goes on can say. */
const REOPENING = /^(RUN_STARTED|(TEXT_MESSAGE|REASONING|THINKING|TOOL_CALL|STEP|SUBAGENT)_)/

/** The names of counts where they are not ours. The counts of the parts are included in the totals. */
const USAGE: Readonly<Record<string, string>> = {
  cachedInputTokens: 'cacheReadTokens',
  cacheWriteInputTokens: 'cacheWriteTokens',
  promptTokens: 'inputTokens',
  completionTokens: 'outputTokens',
}

/** What TanStack AI, or this project's encoder, adds to an event. */
function own({ metadata }: JsonObject): JsonObject {
  const { tanstack, [MARK]: mark } = isRecord(metadata) ? metadata : ({} as JsonObject)
  return { ...(isRecord(tanstack) && tanstack), ...(isRecord(mark) && mark) }
}

function foreignMetadata({ metadata }: JsonObject): JsonObject | undefined {
  if (!isRecord(metadata)) return undefined
  const { tanstack, [MARK]: mark, ...rest } = metadata
  return Object.keys(rest).length > 0 ? rest : undefined
}

const MARK = 'agent-stream'

/** What a run was interrupted for. */
function question(interrupt: JsonObject): Decoded {
  const { id, reason, message = reason, toolCallId, responseSchema, expiresAt, metadata } = interrupt
  const kind = typeof toolCallId === 'string' ? 'approval' : reason
  const ask = { inputId: id, kind, message, toolUseId: toolCallId, schema: responseSchema, expiresAt }
  return [
    decodePayload('input_required', ask, JSON.stringify(interrupt)),
    ...customRest(`${NAME}.interrupt`, { id, reason }, { metadata }),
  ]
}
