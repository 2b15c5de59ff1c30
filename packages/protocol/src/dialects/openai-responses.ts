import type { Dialect } from '../dialect.ts'
import { createSequence } from '../sequence.ts'
import { isRecord } from '../shape.ts'
import { createEventDecoder, type Emit, type EventReader } from './event-decoder.ts'
import { errorFields, firstText, listOf, objectOf, textOf, timeOf } from './fields.ts'
import type { JsonObject } from './json-messages.ts'
import { createItemWriter, type Item, TEXT_KINDS } from './response-items.ts'

const NAME = 'openai-responses'

/** OpenAI's Responses API, and those who speak it: Azure, Bedrock, OpenRouter (`spec/dialects.md`). */
export const openaiResponses: Dialect = {
  name: NAME,
  detect: (_message, payload) =>
    isRecord(payload) &&
    (textOf(payload.type).startsWith('response.') ||
      (payload.type === 'error' && (payload.sequence_number !== undefined || 'param' in payload))),
  createDecoder: () => createEventDecoder(NAME, createReader),
}

/** Of `response.<tool>.<phase>`: what a hosted tool is at. */
const PHASE = /^response\.(\w+)\.(in_progress|searching|interpreting|generating|completed|failed)$/
const PIECE = /^response\.(\w+)\.(delta|done)$/
const ARGUMENTS =
  /^(function_call_arguments|mcp_call_arguments|custom_tool_call_input|code_interpreter_call_code)$/
const END = /^response\.(completed|incomplete|failed|cancelled)$/
const STATE = /^response\.(created|queued|in_progress)$/
const PART = /^response\.(content_part|reasoning_summary_part|output_text\.annotation)\.(added|done)$/
/** What no event has a place for. */
const OTHER =
  /^response\.((audio|compaction|steer|shell_call_output_content)\b.*|image_generation_call\.partial_image)$/

function createReader(emit: Emit): EventReader {
  const sequence = createSequence()
  const items = createItemWriter(NAME, emit)
  const byIndex = new Map<unknown, Item>()
  const byId = new Map<unknown, Item>()
  let responseId: string | undefined
  let model: string | undefined
  let last: { readonly first: number; readonly seq: number; readonly type: string } | undefined
  let isNumbered = true
  let failure: string | undefined

  /**
   * Whether the message is new. The numbers are the wire's own, dense from wherever it begins; a server that gives
   * two kinds of messages the same one does not number them.
   */
  function admit(seq: unknown, type: string): boolean {
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) return true
    if (last === undefined) sequence.begin()
    const { first = seq } = last ?? {}
    isNumbered &&= last?.seq !== seq || last.type === type
    last = { first, seq, type }
    if (!isNumbered) return true
    // A sequence counts from 1.
    const place = seq - first + 1
    if (sequence.jumps(place)) emit('gap', { fromSeq: sequence.snapshot().last + first, toSeq: seq - 1 })
    return sequence.admit(place)
  }

  function begin({ id, created_at, model: given }: JsonObject): void {
    model = firstText(given, model)
    if (responseId !== undefined) return
    responseId = firstText(id)
    if (responseId !== undefined) emit('run_started', { runId: responseId, startedAt: timeOf(created_at) })
  }

  function startItem(given: JsonObject, index: unknown): Item {
    const item = items.start(given, index)
    byIndex.set(index, item)
    if (firstText(given.id) !== undefined) byId.set(given.id, item)
    return item
  }

  /** By its id, or else by its index: some proxies give an item another id in every message. */
  const find = (id: unknown, index: unknown) => byId.get(id) ?? byIndex.get(index)

  function itemOf({ item_id, output_index }: JsonObject, type: string): Item {
    return find(item_id, output_index) ?? startItem({ id: item_id, type }, output_index)
  }

  function completeItem(given: JsonObject, index: unknown): void {
    const known = find(given.id, index)
    items.complete(known && known.type === given.type ? known : startItem(given, index), given)
  }

  function addPiece(name: string, payload: JsonObject, isDone: boolean): boolean {
    const { content_index, summary_index, delta, text, refusal } = payload
    if (TEXT_KINDS[name]) {
      const item = itemOf(payload, TEXT_KINDS[name] === 'token' ? 'message' : 'reasoning')
      const part = content_index ?? summary_index ?? 0
      if (isDone) items.completeText(item, name, part, text ?? refusal)
      else items.addText(item, name, part, textOf(delta))
      if (listOf(payload.logprobs).length > 0 && !isDone)
        items.custom('logprobs', payload.logprobs, item.origin)
    } else if (ARGUMENTS.test(name)) {
      // Of a call that has not been announced only its end says the name, and what it is to be answered under.
      const item = find(payload.item_id, payload.output_index)
      if (item && isDone) items.completeArguments(item, payload.arguments ?? payload.input ?? payload.code)
      else if (item) items.addArguments(item, textOf(delta))
    } else return false
    return true
  }

  function addPart(payload: JsonObject): void {
    const { content_index, summary_index, part, annotation, annotation_index } = payload
    const index = content_index ?? summary_index ?? 0
    const item = itemOf(payload, summary_index === undefined ? 'message' : 'reasoning')
    if (annotation) items.addAnnotation(item, index, annotation_index, objectOf(annotation))
    else items.completePart(item, index, objectOf(part))
  }

  function addProgress(name: string, phase: string): void {
    if (phase === 'in_progress') return
    const step = name.replace(/_call$/, '')
    emit('progress', { step, percentage: phase === 'completed' ? 100 : 0, message: phase })
  }

  function fail(error: unknown, type?: unknown): void {
    const fields = errorFields(error)
    const message = textOf(fields.message)
    // `error` and `response.failed` say the same thing twice.
    if (failure !== message) emit('error', type === undefined ? fields : { ...fields, errorType: type })
    failure = message
  }

  function finish(status: string, response: JsonObject): void {
    begin(response)
    for (const [index, item] of listOf(response.output).entries()) backfill(objectOf(item), index)
    if (response.error) fail(response.error)
    emit('done', done(status, response))
  }

  /** What the whole response has and the stream did not: its items stand where they stood, if it has all of them. */
  function backfill(given: JsonObject, index: number): void {
    const known = find(given.id, index)
    if (!known || known.type === given.type) completeItem(given, index)
  }

  function done(status: string, { usage, incomplete_details }: JsonObject): JsonObject {
    const { reason } = objectOf(incomplete_details)
    const reasons: Readonly<Record<string, unknown>> = {
      completed: items.openCalls() > 0 ? 'tool_calls' : 'stop',
      incomplete: reason === 'max_output_tokens' ? 'length' : reason,
    }
    return {
      messageId: responseId,
      model,
      numTurns: 1,
      toolCount: items.toolCount(),
      isError: status === 'failed',
      aborted: status === 'cancelled' || undefined,
      finishReason: reasons[status],
      usage: usageOf(objectOf(usage)),
      totalCostUsd: objectOf(usage).cost,
    }
  }

  return {
    read(payload, event) {
      const type = firstText(payload.type) ?? event
      const { item, output_index, response } = payload
      if (!admit(payload.sequence_number, type)) return true
      const [, piece = '', kind] = PIECE.exec(type) ?? []
      const [, tool = '', phase] = PHASE.exec(type) ?? []
      const [, status] = END.exec(type) ?? []
      if (addPiece(piece, payload, kind === 'done')) return true
      if (status !== undefined) finish(status, objectOf(response))
      else if (STATE.test(type)) begin(objectOf(response))
      else if (type === 'response.output_item.added') {
        if (!byId.has(objectOf(item).id)) startItem(objectOf(item), output_index)
      } else if (type === 'response.output_item.done') completeItem(objectOf(item), output_index)
      else if (PART.test(type)) addPart(payload)
      else if (type === 'error') {
        const { error, code } = payload
        fail(error ?? payload, error ? undefined : (code ?? 'error'))
      } else if (OTHER.test(type)) items.custom(type.slice('response.'.length), payload)
      else if (phase !== undefined) addProgress(tool, phase)
      else return type.startsWith('response.shell_call_command.')
      return true
    },
    end() {},
    pending: () => (failure === undefined ? undefined : done('failed', {})),
  }
}

function usageOf(usage: JsonObject): JsonObject | undefined {
  if (Object.keys(usage).length === 0) return undefined
  const { cached_tokens, cache_write_tokens } = objectOf(usage.input_tokens_details)
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    totalTokens: usage.total_tokens,
    reasoningTokens: objectOf(usage.output_tokens_details).reasoning_tokens,
    cacheReadTokens: cached_tokens,
    cacheWriteTokens: cache_write_tokens,
  }
}
