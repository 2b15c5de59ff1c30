import type { Dialect } from '../dialect.ts'
import { isRecord } from '../shape.ts'
import { createBlockIds } from './block-ids.ts'
import { createEventDecoder, type Emit, type EmitCustom, type EventReader } from './event-decoder.ts'
import { objectOf, textOf } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'
import { emitNative } from './native-event.ts'
import { createToolCalls } from './tool-calls.ts'

export type { AiSdkUiChunk, UiFinishReason } from './ai-sdk-ui-chunk.ts'
export { type AiSdkUiEncoderOptions, aiSdkUiWire, createAiSdkUiEncoder } from './ai-sdk-ui-encoder.ts'
export type { Encoder, Wire } from './encoder.ts'

const NAME = 'ai-sdk-ui'

/** Header of every response in this dialect; its value is the version, `v1`. */
const HEADER = 'x-vercel-ai-ui-message-stream'

const CHUNK_TYPE =
  /^(start|finish|abort|custom|file|message-metadata|steering-message|data-.+|(start|finish|reset)-step|(text|reasoning)-(start|delta|end)|reasoning-file|source-(url|document)|tool-(input|output|approval)-[a-z]+)$/

/** The AI SDK's UI message stream, version 1, as `useChat` reads it (`spec/dialects.md`, section 2). */
export const aiSdkUi: Dialect = {
  name: NAME,
  detect(_message, payload, headers) {
    if (headers?.get(HEADER)) return true
    if (!isRecord(payload) || typeof payload.type !== 'string') return false
    return CHUNK_TYPE.test(payload.type) || (payload.type === 'error' && 'errorText' in payload)
  },
  createDecoder: () => createEventDecoder(NAME, createReader),
}

/** What events have fields for. Of what else a chunk says, nothing is lost. */
const KNOWN =
  /^(type|id|delta|tool(CallId|Name)|input(TextDelta)?|output|preliminary|errorText|approv(alId|ed)|finishReason|message(Id|Metadata)|url|mediaType|sourceId)$/

function createReader(emit: Emit, custom: EmitCustom): EventReader {
  const blocks = { text: createBlockIds(), reasoning: createBlockIds() }
  const tools = createToolCalls(emit)
  /** What was said last of a block, call or source that no event has a field for, as JSON. */
  const lastSaid = new Map<string, string>()
  let messageId: string | undefined
  let turn = 0
  let usage: JsonObject | undefined
  /** The end that `finish` announced; what other streams were merged in may still follow it. */
  let pending: JsonObject | undefined

  function start(given: unknown): void {
    const id = textOf(given)
    if (!id) return
    if (!messageId) emit('run_started', { runId: id })
    messageId = id
  }

  function text(kind: keyof typeof blocks, phase: string, { id, delta }: JsonObject): void {
    if (phase === 'start') blocks[kind].open(id)
    if (phase !== 'delta' || delta === '') return
    const blockId = blocks[kind].of(id)
    emit(kind === 'text' ? 'token' : 'thinking', { messageId, blockId, text: delta })
  }

  /** False for what is none of a tool's chunks. */
  function tool(step: string, chunk: JsonObject): boolean {
    const { toolCallId, toolName, approvalId, approved, reason, preliminary, errorText } = chunk
    // What this project's encoder adds.
    const { noInput, noOutput, json, ...own } = objectOf(objectOf(chunk.toolMetadata).agentStream)
    const origin = { messageId, branchId: own.branchId, parentToolUseId: own.parentToolUseId }
    const input = noInput ? undefined : chunk.input
    const result = (fields: JsonObject) => tools.result(toolCallId, { ...fields, ...own }, origin)
    if (/^input-(start|available|error)$/.test(step)) {
      tools.use(toolCallId, { ...own, toolName, input }, turn, origin)
    }
    if (step === 'input-delta') tools.delta(toolCallId, chunk.inputTextDelta)
    else if (step === 'output-available') result({ output: noOutput ? undefined : chunk.output, preliminary })
    else if (step === 'output-denied') result({ status: 'error', outputSummary: 'denied' })
    else if (step.endsWith('put-error')) {
      const output = json ? parseJson(textOf(errorText)) : errorText
      const said = noOutput ? {} : { output, outputSummary: errorText }
      // That the run ended before the tool did, it says itself.
      if (own.status !== 'incomplete') result({ status: 'error', ...said })
    } else if (step === 'approval-request') {
      tools.complete(toolCallId)
      emit('input_required', {
        inputId: approvalId,
        kind: 'approval',
        message: reason,
        toolUseId: toolCallId,
      })
    } else if (step === 'approval-response') {
      emit('input_received', { inputId: approvalId, answer: reason ? { approved, reason } : approved })
    } else return /^input-(start|available)$/.test(step)
    return true
  }

  function keepRest(chunk: JsonObject): void {
    const { type, id, toolCallId, approvalId, sourceId, url, toolMetadata } = chunk
    const key = { id, toolCallId, approvalId, sourceId, url }
    const rest = Object.entries(chunk).filter(
      ([name]) =>
        !KNOWN.test(name) &&
        !(name === 'reason' && approvalId) &&
        !(name === 'title' && sourceId) &&
        !(name === 'toolMetadata' && objectOf(toolMetadata).agentStream),
    )
    const [place, said] = [JSON.stringify(key), JSON.stringify(rest)]
    if (rest.length === 0 || lastSaid.get(place) === said) return
    lastSaid.set(place, said)
    custom(textOf(type), { ...JSON.parse(place), ...Object.fromEntries(rest) }, { messageId })
  }

  const done = (fields: JsonObject) => ({
    messageId,
    numTurns: turn,
    toolCount: tools.count(),
    usage,
    ...fields,
  })

  function addMetadata(messageMetadata: unknown): void {
    if (messageMetadata === undefined) return
    usage = usageOf(objectOf(messageMetadata)) ?? usage
    custom('message-metadata', { messageMetadata })
  }

  return {
    read(chunk) {
      const { type: _, ...fields } = chunk
      const type = textOf(chunk.type)
      // What another stream that was merged in says after the end of the first.
      if (/^(start|text-d|reasoning-d|tool-)/.test(type)) pending = undefined
      const [, kind, phase] = /^(text|reasoning)-(start|delta|end)$/.exec(type) ?? []
      const data = /^data-(.+)/s.exec(type)?.[1]
      if (data || /^(custom|reasoning-file|steering-message)$/.test(type)) {
        if (!data || !emitNative(emit, data.replaceAll('-', '_'), fields.data, fields.agentStream === true))
          custom(type, fields, { messageId })
        return true
      }
      if (kind && phase) text(kind as keyof typeof blocks, phase, chunk)
      else if (type.startsWith('tool-')) {
        if (!tool(type.slice(5), chunk)) return false
      } else if (type === 'start') start(fields.messageId)
      else if (type === 'start-step') emit('turn', { turnNumber: ++turn, totalTools: tools.count() })
      else if (type === 'finish-step') tools.settle()
      else if (type === 'reset-step') {
        tools.rollback(turn)
        emit('rollback', { to: turn })
      } else if (type === 'file') emit('file', { ...fields, messageId })
      else if (/^source-(url|document)$/.test(type)) emit('source_added', { ...fields, messageId })
      else if (type === 'error') emit('error', { message: fields.errorText })
      else if (!/^(finish|abort|message-metadata)$/.test(type)) return false
      addMetadata(fields.messageMetadata)
      keepRest(chunk)
      if (type === 'abort') emit('done', done({ aborted: true }))
      if (type === 'finish') {
        const open = tools.settle()
        const { finishReason = open ? 'tool-calls' : undefined } = fields
        pending = done({ finishReason, isError: finishReason === 'error' })
      }
      return true
    },
    end: () => undefined,
    pending: () => pending,
  }
}

/** The AI SDK's own usage, where a server puts it into the metadata. */
function usageOf(metadata: JsonObject): JsonObject | undefined {
  const usage = objectOf(metadata.totalUsage ?? metadata.usage)
  const { inputTokenDetails, outputTokenDetails, cachedInputTokens, ...counts } = usage
  const all = {
    cacheReadTokens: cachedInputTokens,
    ...counts,
    ...objectOf(inputTokenDetails),
    ...objectOf(outputTokenDetails),
  }
  return Object.values(all).some(Number.isFinite) ? all : undefined
}
