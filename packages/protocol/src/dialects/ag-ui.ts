import type { Dialect } from '../dialect.ts'
import { applyPatch } from '../json-patch.ts'
import { isRecord } from '../shape.ts'
import { createBlockIds } from './block-ids.ts'
import { createEventDecoder, type Emit, type EmitCustom, type EventReader } from './event-decoder.ts'
import { listOf, objectOf, textOf } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'
import { emitNative } from './native-event.ts'
import { createToolCalls } from './tool-calls.ts'

export { type AgUiEncoderOptions, agUiWire, createAgUiEncoder } from './ag-ui-encoder.ts'
export type { AgUiEvent, AgUiInterrupt, AgUiOutcome, AgUiUsage } from './ag-ui-event.ts'
export type { Encoder, Wire } from './encoder.ts'

/** AG-UI 1.0 as `HttpAgent` reads it, and what earlier versions and TanStack AI say otherwise (`spec/dialects.md`). */
export const agUi: Dialect = {
  name: 'ag-ui',
  detect: (_message, payload) => isRecord(payload) && /^[A-Z]+(_[A-Z]+)*$/.test(textOf(payload.type)),
  createDecoder: () => createEventDecoder('ag-ui', createReader),
  applyPatch,
}

type Lane = 'token' | 'thinking'
type Handler = (event: JsonObject) => void

/** What brackets that which says itself where it begins. */
const BRACKET = /^(TEXT|REASONING)_\w*END$/
/** What only a run that goes on can say. */
const REOPENING = /^(RUN_STARTED|TEXT|REASONING|TOOL|STEP|SUBAGENT)/

function createReader(emit: Emit, custom: EmitCustom): EventReader {
  const blocks = { token: createBlockIds(), thinking: createBlockIds() }
  const steps = createBlockIds()
  const tools = createToolCalls(emit)
  const usage: Record<string, number> = {}
  /** Where what a sub-agent says belongs, by its run's id. */
  const subAgents = new Map<unknown, JsonObject>()
  /** Where a message belongs that says so only as it begins; `null` for one of another than the assistant. */
  const owners = new Map<unknown, JsonObject | null>()
  /** By sub-agent, what chunks that name nothing go on with. */
  const chunked = new Map<unknown, readonly [kind: string, id: unknown]>()
  /** What TanStack AI, or this project's encoder, adds to the event. */
  let own: JsonObject = {}
  let runId: unknown
  let turn = 1
  let model: unknown
  /** The end that RUN_FINISHED announced: an agent loop may go on in the same response. */
  let pending: JsonObject | undefined

  function originOf({ subagentRunId }: JsonObject): JsonObject {
    return subAgents.get(subagentRunId) ?? { branchId: subagentRunId }
  }

  /** What there is no event for, under its own name. */
  function keep({ rawEvent, timestamp, type, ...value }: JsonObject): void {
    custom(textOf(type), value, originOf(value))
  }

  function open(lane: Lane, event: JsonObject): void {
    const { messageId, role = 'assistant' } = event
    owners.set(messageId, lane === 'token' && role !== 'assistant' ? null : originOf(event))
    blocks[lane].open(messageId)
  }

  function text(lane: Lane, event: JsonObject): void {
    const { messageId, delta, subagentRunId } = event
    const owner = owners.get(messageId)
    if (owner === null) keep(event)
    if (owner === null || delta === '') return
    const origin = subagentRunId === undefined ? owner : originOf(event)
    emit(lane, { ...origin, text: delta, messageId, blockId: blocks[lane].of(messageId) })
  }

  function call(event: JsonObject): void {
    const { toolCallId, toolCallName, toolName = toolCallName, parentMessageId } = event
    const messageId = parentMessageId || undefined
    tools.use(toolCallId, { toolName }, turn, { ...originOf(event), messageId })
  }

  /** The shorthand: an id that differs from the last one's begins what START would, and ends what END would. */
  function chunk(family: string, content: string, key: string): Handler {
    return (event) => {
      const [lastFamily, lastId] = chunked.get(event.subagentRunId) ?? []
      const id = event[key] ?? (lastFamily === family ? lastId : undefined)
      const isNew = lastFamily !== family || lastId !== id
      const whole = { ...event, [key]: id }
      chunked.set(event.subagentRunId, [family, id])
      if (isNew) {
        tools.complete(lastId)
        handlers.get(`${family}_START`)?.(whole)
      }
      if (event.delta) handlers.get(family + content)?.(whole)
    }
  }

  function result(event: JsonObject): void {
    const { toolCallId, content } = event
    const { state = event.state, json, noOutput, status, ...said } = own
    const isError = state === 'output-error'
    const output = json ? parseJson(textOf(content)) : content
    const fields = { status: isError ? 'error' : 'done', outputSummary: isError ? content : '', ...said }
    // That the run ended before the tool did, it says itself.
    if (status !== 'incomplete') {
      tools.result(toolCallId, { ...fields, ...(!noOutput && { output }) }, originOf(event))
    }
  }

  /** Steps go forward only: one that begins again under its name is another one. */
  function step(type: 'step_started' | 'step_completed', name: unknown, fields: JsonObject): void {
    if (type === 'step_started') steps.open(name)
    emit(type, { ...fields, stepId: steps.of(name) })
  }

  function startSubAgent(event: JsonObject): void {
    const { subagentRunId, name: title, parentToolCallId: parentToolUseId } = event
    if (parentToolUseId) subAgents.set(subagentRunId, { parentToolUseId })
    step('step_started', subagentRunId, { title })
    keep(event)
  }

  function endSubAgent(event: JsonObject, status: unknown): void {
    step('step_completed', event.subagentRunId, { status })
    keep(event)
  }

  function done(event: JsonObject, fields: JsonObject): JsonObject {
    for (const entry of [event.usage].flat().map(objectOf)) {
      model = entry.model ?? model
      for (const [name, count] of Object.entries(entry)) {
        if (typeof count === 'number') usage[name] = (usage[name] ?? 0) + count
      }
    }
    model = own.model ?? model
    const { cachedInputTokens: cacheReadTokens, cacheWriteInputTokens: cacheWriteTokens } = usage
    // Earlier versions of TanStack AI have these names.
    const { promptTokens: inputTokens, completionTokens: outputTokens } = usage
    const counts = { inputTokens, outputTokens, ...usage, cacheReadTokens, cacheWriteTokens }
    return {
      numTurns: turn,
      toolCount: tools.count(),
      model,
      usage: Object.keys(usage)[0] && counts,
      ...fields,
    }
  }

  function finish(event: JsonObject): void {
    const { type, interrupts } = objectOf(event.outcome)
    const { finishReason: said = event.finishReason } = own
    const finishReason = tools.settle() && said === undefined ? 'tool-calls' : said
    for (const interrupt of listOf(interrupts).map(objectOf)) {
      const { id, reason, message = reason, toolCallId, responseSchema: schema, expiresAt } = interrupt
      const kind = toolCallId ? 'approval' : reason
      emit('input_required', { inputId: id, kind, message, toolUseId: toolCallId, schema, expiresAt })
    }
    if (event.result) keep(event)
    pending = done(event, { finishReason, aborted: type === 'cancelled' || undefined })
  }

  function fail(event: JsonObject): void {
    const { message, code } = event
    tools.settle()
    emit('error', { errorType: code, message })
    emit('done', done(event, /^abort/.test(textOf(code)) ? { aborted: true } : { isError: true }))
  }

  function start(event: JsonObject): void {
    const { parentRunId, input } = event
    if (runId === undefined) emit('run_started', { runId: event.runId })
    runId = event.runId
    if (parentRunId ?? input) keep(event)
  }

  /** A further run in the same response. */
  function goOn(): void {
    if (pending) emit('turn', { turnNumber: ++turn, totalTools: tools.count() })
    pending = undefined
  }

  function endCall({ toolCallId, ...event }: JsonObject): void {
    const { input = event.input } = own
    if (input === undefined) tools.complete(toolCallId)
    else tools.use(toolCallId, { input }, turn, originOf(event))
  }

  const handlers = new Map<string, Handler>(
    Object.entries({
      RUN_STARTED: start,
      TEXT_MESSAGE_START: (event) => open('token', event),
      TEXT_MESSAGE_CONTENT: (event) => text('token', event),
      TEXT_MESSAGE_CHUNK: chunk('TEXT_MESSAGE', '_CONTENT', 'messageId'),
      REASONING_START: (event) => event.title && keep(event),
      REASONING_MESSAGE_START: (event) => open('thinking', event),
      REASONING_MESSAGE_CONTENT: (event) => text('thinking', event),
      REASONING_MESSAGE_CHUNK: chunk('REASONING_MESSAGE', '_CONTENT', 'messageId'),
      REASONING_ENCRYPTED_VALUE: keep,
      TOOL_CALL_START: call,
      TOOL_CALL_ARGS: ({ toolCallId, delta }) => tools.delta(toolCallId, delta),
      TOOL_CALL_CHUNK: chunk('TOOL_CALL', '_ARGS', 'toolCallId'),
      TOOL_CALL_END: endCall,
      TOOL_CALL_RESULT: result,
      STEP_STARTED: ({ stepName }) => step('step_started', stepName, { title: stepName, ...own }),
      STEP_FINISHED: ({ stepName }) => step('step_completed', stepName, own),
      SUBAGENT_STARTED: startSubAgent,
      SUBAGENT_FINISHED: (event) => endSubAgent(event, objectOf(event.outcome).type),
      SUBAGENT_ERROR: (event) => endSubAgent(event, 'error'),
      STATE_SNAPSHOT: ({ snapshot }) => emit('state_snapshot', { state: snapshot }),
      STATE_DELTA: ({ delta }) => emit('state_delta', { patch: delta }),
      MESSAGES_SNAPSHOT: keep,
      ACTIVITY_SNAPSHOT: keep,
      ACTIVITY_DELTA: keep,
      RAW: keep,
      CUSTOM: (event) =>
        emitNative(emit, textOf(event.name), event.value, own.isEvent === true) ||
        emit('custom', { ...originOf(event), ...event }),
      RUN_FINISHED: finish,
      RUN_ERROR: fail,
    }),
  )

  return {
    read(event) {
      // Until 0.0.45, reasoning was called thinking.
      const type = textOf(event.type).replace(/^THINKING(_TEXT)?/, 'REASONING')
      if (REOPENING.test(type)) goOn()
      const { messageId, toolCallId } = event
      const { tanstack, 'agent-stream': mark, ...metadata } = objectOf(event.metadata)
      own = { ...objectOf(tanstack), ...objectOf(mark) }
      if (Object.keys(metadata)[0]) custom(type, { id: messageId ?? toolCallId ?? null, metadata })
      const handler = handlers.get(type)
      handler?.(event)
      return !!handler || BRACKET.test(type)
    },
    end: () => undefined,
    pending: () => pending,
  }
}
