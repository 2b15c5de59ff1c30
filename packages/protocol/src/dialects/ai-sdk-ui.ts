import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder, Dialect } from '../dialect.ts'
import type { DoneEvent, Usage } from '../event.ts'
import { isRecord } from '../shape.ts'
import { agentStreamOf, NOTHING } from './ai-sdk-ui-chunk.ts'
import { createBlockIds } from './block-ids.ts'
import { textOf } from './fields.ts'
import { createJsonDecoder, customRest, type JsonObject, parseJson, unknownMessage } from './json-messages.ts'
import { nativeEvent } from './native-event.ts'
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
  createDecoder,
}

function createDecoder(): Decoder {
  const blocks = { token: createBlockIds(), thinking: createBlockIds() }
  const tools = createToolCalls()
  /** The provider's metadata, as JSON, by what they belong to. */
  const lastSaid = new Map<string, string>()
  let messageId: string | undefined
  let hasStarted = false
  let turn = 0
  let usage: Usage | undefined
  /** The end that `finish` announced; what other streams were merged in may still follow it. */
  let pending: DoneEvent | undefined

  function start({ messageId: id }: JsonObject): Decoded {
    if (typeof id === 'string' && id !== '') messageId = id
    if (hasStarted || messageId === undefined) return []
    hasStarted = true
    return [{ type: 'run_started', runId: messageId, startedAt: '', protocol: '' }]
  }

  function metadata({ messageMetadata }: JsonObject): Decoded {
    usage = usageOf(messageMetadata) ?? usage
    return customRest(`${NAME}.message-metadata`, {}, { messageMetadata })
  }

  function text(type: 'token' | 'thinking', { id, delta }: JsonObject, data: string): Decoded {
    if (delta === '') return []
    const blockId = typeof id === 'string' ? blocks[type].of(id) : undefined
    return [decodePayload(type, { text: delta, messageId, blockId }, data)]
  }

  /** A block and a call keep what was last said of them: said again, it is nothing new. */
  function providerChange(key: JsonObject, { providerMetadata }: JsonObject): Decoded {
    if (providerMetadata === undefined) return []
    const place = JSON.stringify(key)
    const said = JSON.stringify(providerMetadata)
    if (lastSaid.get(place) === said) return []
    lastSaid.set(place, said)
    return customRest(`${NAME}.provider-metadata`, key, { providerMetadata }, { messageId })
  }

  function originOf({ branchId, parentToolUseId }: JsonObject): JsonObject {
    return { messageId, branchId, parentToolUseId }
  }

  function done(fields: JsonObject): DoneEvent {
    const counts = { messageId, numTurns: turn, toolCount: tools.count(), usage }
    // No field of `done` is one that it cannot do without.
    return decodePayload('done', { ...counts, ...fields }) as DoneEvent
  }

  function finish({ finishReason }: JsonObject): Decoded {
    const { events, ids } = tools.open()
    const reason = finishReason ?? (ids.length > 0 ? 'tool-calls' : undefined)
    pending = done({ finishReason: reason, isError: finishReason === 'error' })
    return events
  }

  function end(): Decoded {
    const events = pending ? [pending] : []
    pending = undefined
    return events
  }

  function read(chunk: JsonObject, data: string): Decoded {
    const { type, ...fields } = chunk
    if (typeof type !== 'string') return [unknownMessage(NAME, type, data)]
    // What another stream that was merged in says after the end of the first.
    if (pending && /^(start|text-delta|reasoning-delta|tool-)/.test(type)) pending = undefined
    const { id, toolCallId, toolName, input, errorText } = chunk
    const own = agentStreamOf(chunk.toolMetadata)
    const lacks = (field: string) => Array.isArray(own.lacks) && own.lacks.includes(field)
    const rest = (key: JsonObject, more: JsonObject) =>
      customRest(`${NAME}.${type}`, key, more, { messageId })
    const provider = (key: JsonObject) => providerChange(key, chunk)
    switch (type) {
      case 'start':
        return [...start(chunk), ...metadata(chunk)]
      case 'message-metadata':
        return metadata(chunk)
      case 'text-start':
      case 'reasoning-start':
        if (typeof id === 'string') blocks[type === 'text-start' ? 'token' : 'thinking'].open(id)
        return provider({ id })
      case 'text-delta':
        return [...text('token', chunk, data), ...provider({ id })]
      case 'reasoning-delta':
        return [...text('thinking', chunk, data), ...provider({ id })]
      case 'text-end':
      case 'reasoning-end':
        return [...rest({ id }, { citations: chunk.citations }), ...provider({ id })]
      case 'tool-input-start':
      case 'tool-input-available': {
        const { providerExecuted, dynamic, title, toolMetadata } = chunk
        const more = { providerExecuted, dynamic, title, ...(own === NOTHING && { toolMetadata }) }
        const flags = tools.has(toolCallId) ? [] : rest({ toolCallId }, more)
        const fields = { ...own, toolName, input: lacks('input') ? undefined : input }
        return [
          ...tools.use(toolCallId, fields, turn, data, originOf(own)),
          ...flags,
          ...provider({ toolCallId }),
        ]
      }
      case 'tool-input-delta':
        return tools.delta(toolCallId, chunk.inputTextDelta, data)
      case 'tool-input-error':
        return [
          ...tools.use(toolCallId, { toolName, input }, turn, data, { messageId }),
          ...tools.result(toolCallId, failure(errorText), data),
          ...provider({ toolCallId }),
        ]
      case 'tool-output-available': {
        const { preliminary } = chunk
        const output = lacks('output') ? undefined : chunk.output
        const result = tools.result(toolCallId, { ...own, output, preliminary }, data)
        return [...result, ...provider({ toolCallId })]
      }
      case 'tool-output-error': {
        // That the run ended before the tool did, it says itself.
        if (own.status === 'incomplete') return []
        const output = own.json ? parseJson(textOf(errorText)) : errorText
        const fields = { status: 'error', outputSummary: errorText, output, ...own }
        if (lacks('output')) Object.assign(fields, { output: undefined, outputSummary: own.outputSummary })
        return [...tools.result(toolCallId, fields, data), ...provider({ toolCallId })]
      }
      case 'tool-output-denied':
        return tools.result(toolCallId, { status: 'error', outputSummary: DENIED }, data)
      case 'tool-approval-request': {
        const { approvalId, reason, toolCallId: _, type: __, ...more } = chunk
        const ask = { inputId: approvalId, kind: 'approval', message: reason, toolUseId: toolCallId }
        return [
          ...tools.complete(toolCallId),
          decodePayload('input_required', ask, data),
          ...rest({ approvalId }, more),
        ]
      }
      case 'tool-approval-response': {
        const { approvalId, approved, reason } = chunk
        const answer = reason === undefined ? approved : { approved, reason }
        return [
          decodePayload('input_received', { inputId: approvalId, answer }, data),
          ...provider({ approvalId }),
        ]
      }
      case 'start-step':
        return [decodePayload('turn', { turnNumber: ++turn, totalTools: tools.count() })]
      case 'finish-step':
        return tools.open().events
      case 'reset-step':
        tools.rollback(turn)
        return [{ type: 'rollback', to: turn }]
      case 'file': {
        const { url, mediaType } = chunk
        return [decodePayload('file', { url, mediaType, messageId }, data), ...provider({ url })]
      }
      case 'source-url':
      case 'source-document': {
        const { sourceId, url, title, mediaType, filename } = chunk
        const source = { sourceId, url, title, mediaType, messageId }
        return [
          decodePayload('source_added', source, data),
          ...rest({ sourceId }, { filename }),
          ...provider({ sourceId }),
        ]
      }
      case 'error':
        return [decodePayload('error', { message: errorText }, data)]
      case 'abort':
        return [...rest({}, { reason: chunk.reason }), done({ aborted: true })]
      case 'finish':
        return [...metadata(chunk), ...finish(chunk)]
      case 'custom':
      case 'reasoning-file':
      case 'steering-message':
        return [decodePayload('custom', { name: `${NAME}.${type}`, value: fields, messageId })]
    }
    if (!type.startsWith('data-')) return [unknownMessage(NAME, type, data)]
    const native = nativeEvent(type.slice(5).replaceAll('-', '_'), chunk.data)
    return [native ?? decodePayload('custom', { name: `${NAME}.${type}`, value: fields, messageId })]
  }

  return createJsonDecoder({ read, end, pending: () => pending })
}

/** What a denied tool call has as its summary. */
const DENIED = 'denied'

function failure(errorText: unknown): JsonObject {
  return { status: 'error', output: errorText, outputSummary: errorText }
}

/** The AI SDK's own usage, where a server puts it into the metadata. */
function usageOf(metadata: unknown): Usage | undefined {
  if (!isRecord(metadata)) return undefined
  const usage = metadata.totalUsage ?? metadata.usage
  if (!isRecord(usage)) return undefined
  const { inputTokenDetails, outputTokenDetails, cachedInputTokens } = usage
  const input = isRecord(inputTokenDetails) ? inputTokenDetails : {}
  const output = isRecord(outputTokenDetails) ? outputTokenDetails : {}
  const cacheReadTokens = cachedInputTokens
  const all = { cacheReadTokens, ...usage, ...input, ...output }
  const done = decodePayload('done', { usage: all })
  return done.type === 'done' && done.usage && Object.keys(done.usage).length > 0 ? done.usage : undefined
}
