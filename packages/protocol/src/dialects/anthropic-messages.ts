import type { Dialect } from '../dialect.ts'
import type { Origin } from '../event.ts'
import { isRecord } from '../shape.ts'
import { createEventDecoder, type Emit, type EmitCustom, type EventReader } from './event-decoder.ts'
import { errorFields, firstText, listOf, objectOf, textOf } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

const NAME = 'anthropic-messages'

/** The Messages API of Anthropic, and of those who speak it: Bedrock, Vertex AI, LiteLLM (`spec/dialects.md`). */
export const anthropicMessages: Dialect = {
  name: NAME,
  detect: ({ event }, payload) =>
    isRecord(payload) &&
    (/^(message_(start|delta|stop)|content_block_(start|delta|stop)|ping)$/.test(
      textOf(payload.type ?? event),
    ) ||
      (payload.type === 'error' && isRecord(payload.error) && payload.sequence_number === undefined)),
  createDecoder: () => createEventDecoder(NAME, createReader),
}

/** A content block, addressed by its index. */
interface Block {
  readonly origin: Origin
  /** Of a tool call: its id and name, and what its start has of the input. */
  readonly tool?: { readonly toolUseId: string; readonly toolName: string; readonly input: unknown }
  /** The input's JSON text so far. */
  json: string
  isSettled: boolean
}

function createReader(emit: Emit, custom: EmitCustom): EventReader {
  const blocks = new Map<unknown, Block>()
  const toolNames = new Map<string, string>()
  const sourceIds = new Set<string>()
  let messageId: string | undefined
  let model: string | undefined
  let numTurns = 1
  const usage = new Map<string, unknown>()
  let finishReason: string | undefined
  let hasFailed = false

  /** Totals of the message; where one is null, what was said of it before stays. */
  function addUsage(totals: unknown): void {
    for (const [name, total] of Object.entries(objectOf(totals))) if (total !== null) usage.set(name, total)
  }

  function startMessage(message: JsonObject): void {
    const id = firstText(message.id)
    model = firstText(message.model, model)
    addUsage(message.usage)
    if (id === undefined || id === messageId) return
    if (messageId === undefined) {
      emit('run_started', { runId: id })
    } else {
      settle()
      emit('turn', { turnNumber: ++numTurns, totalTools: toolNames.size })
    }
    blocks.clear()
    messageId = id
  }

  function createBlock(index: unknown, start: JsonObject = {}): Block {
    const blockId = textOf(index)
    const parentToolUseId = firstText(objectOf(start.caller).tool_id)
    const origin = {
      blockId,
      ...(messageId !== undefined && { messageId }),
      ...(parentToolUseId !== undefined && { parentToolUseId }),
    }
    const block = { origin, json: '', isSettled: false }
    if (!textOf(start.type).endsWith('tool_use')) return block
    const toolUseId = firstText(start.id) ?? `block-${blockId}`
    return { ...block, tool: { toolUseId, toolName: textOf(start.name), input: start.input } }
  }

  function startBlock(index: unknown, start: JsonObject): void {
    const block = createBlock(index, start)
    const { origin, tool } = block
    const type = textOf(start.type)
    endBlock(index)
    blocks.set(index, block)
    if (tool) {
      const { toolUseId, toolName } = tool
      toolNames.set(toolUseId, toolName)
      emit('tool_use', { ...origin, toolUseId, toolName, inputSummary: start.server_name })
    } else if (type.endsWith('tool_result')) {
      addResult(type, start, origin)
    } else if (type === 'text' || type === 'thinking') {
      addDelta(block, { ...start, type: `${type}_delta` })
      if (start.signature) custom('signature', start.signature, origin)
      for (const citation of listOf(start.citations)) addCitation(objectOf(citation), origin)
    } else {
      custom(type || 'block', start, origin)
    }
  }

  function addResult(type: string, { tool_use_id, content, is_error }: JsonObject, origin: Origin): void {
    const toolUseId = textOf(tool_use_id)
    const { type: kind, error_code } = objectOf(content)
    emit('tool_result', {
      ...origin,
      toolUseId,
      toolName: toolNames.get(toolUseId) ?? type.replace(/_?tool_result$/, ''),
      output: content,
      outputSummary: error_code,
      status: is_error === true || textOf(kind).endsWith('_error') ? 'error' : 'done',
    })
  }

  function addDelta(block: Block, delta: JsonObject): void {
    const { origin, tool } = block
    const { type, signature, citation } = delta
    const text = firstText(delta.text, delta.thinking, delta.partial_json)
    if (type === 'text_delta' || type === 'thinking_delta') {
      if (text) emit(type === 'text_delta' ? 'token' : 'thinking', { ...origin, text })
    } else if (type === 'input_json_delta' && tool) {
      if (!text) return
      block.json += text
      emit('tool_input_delta', { ...origin, toolUseId: tool.toolUseId, delta: text })
    } else if (type === 'citations_delta') {
      addCitation(objectOf(citation), origin)
    } else if (type === 'signature_delta') {
      custom('signature', signature, origin)
    } else {
      custom(firstText(type) ?? 'delta', delta, origin)
    }
  }

  /** The source once, whatever is cited of it; the citation each time, for it says what of the text it supports. */
  function addCitation(citation: JsonObject, origin: Origin): void {
    const { url, source, document_index, title, document_title } = citation
    const sourceId = firstText(url, source) ?? `document-${textOf(document_index)}`
    if (!sourceIds.has(sourceId)) {
      emit('source_added', { ...origin, sourceId, url, title: firstText(title, document_title) })
    }
    sourceIds.add(sourceId)
    custom('citation', citation, origin)
  }

  /** The arguments are complete: they are the tool's input, unless they were cut off and so are no JSON. */
  function settleBlock(block: Block): void {
    const { tool, json, origin, isSettled } = block
    block.isSettled = true
    if (!tool || isSettled) return
    const input = json ? parseJson(json) : (tool.input ?? {})
    if (input !== undefined) emit('tool_use', { ...origin, ...tool, input })
  }

  function endBlock(index: unknown): void {
    const block = blocks.get(index)
    if (block) settleBlock(block)
  }

  function settle(): void {
    for (const block of blocks.values()) settleBlock(block)
  }

  function endMessage({ delta, usage: totals, context_management }: JsonObject): void {
    const { stop_reason, stop_details, container } = objectOf(delta)
    addUsage(totals)
    for (const [name, value] of Object.entries({ stop_details, container, context_management })) {
      if (value) custom(name, value)
    }
    finishReason = firstText(stop_reason, finishReason)
    if (stop_reason) hasFailed = false
  }

  function end(): void {
    settle()
    const server_tool_use = usage.get('server_tool_use')
    if (Object.values(objectOf(server_tool_use)).some(Boolean)) custom('server_tool_use', server_tool_use)
  }

  function done(): JsonObject {
    return {
      messageId,
      model,
      numTurns,
      isError: hasFailed,
      finishReason,
      usage: usageOf(Object.fromEntries(usage)),
    }
  }

  return {
    read(payload, event) {
      const { index, message, content_block, delta, error } = payload
      switch (payload.type ?? event) {
        case 'message_start':
          startMessage(objectOf(message))
          return true
        case 'content_block_start':
          startBlock(index, objectOf(content_block))
          return true
        case 'content_block_delta':
          addDelta(blocks.get(index) ?? createBlock(index), objectOf(delta))
          return true
        case 'content_block_stop':
          endBlock(index)
          return true
        case 'message_delta':
          endMessage(payload)
          return true
        case 'message_stop':
          end()
          emit('done', done())
          return true
        case 'error':
          hasFailed = true
          emit('error', errorFields(error ?? payload))
          return true
        default:
          return payload.type === 'ping'
      }
    },
    end() {
      if (finishReason !== undefined) end()
    },
    pending: () => (finishReason !== undefined || hasFailed ? done() : undefined),
  }
}

function usageOf(usage: JsonObject): JsonObject | undefined {
  if (Object.keys(usage).length === 0) return undefined
  return {
    ...usage,
    reasoning_tokens: objectOf(usage.output_tokens_details).thinking_tokens,
    cache_read_tokens: usage.cache_read_input_tokens,
    cache_write_tokens: usage.cache_creation_input_tokens,
  }
}
