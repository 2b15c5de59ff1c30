import type { Dialect } from '../dialect.ts'
import type { Origin } from '../event.ts'
import { isRecord } from '../shape.ts'
import { type ChatCalls, createChatCalls } from './chat-calls.ts'
import { createEventDecoder, type Emit, type EmitCustom, type EventReader } from './event-decoder.ts'
import { errorFields, firstText, listOf, objectOf, timeOf } from './fields.ts'
import type { JsonObject } from './json-messages.ts'

const NAME = 'openai-chat'
const CHUNK = 'chat.completion.chunk'

/** OpenAI's chat completions, and the many APIs that speak it with variations (`spec/dialects.md`). */
export const openaiChat: Dialect = {
  name: NAME,
  detect(_message, payload) {
    if (!isRecord(payload)) return false
    const { choices, error, type } = payload
    return Array.isArray(choices) || (type === undefined && !!error)
  },
  createDecoder: () => createEventDecoder(NAME, createReader),
}

/** Fields of a chunk and of a delta that no event has a place for. Those of a chunk are often repeated: said once. */
const CHUNK_EXTRAS = ['prompt_filter_results', 'moderation']
const DELTA_EXTRAS = ['audio', 'executed_tools', 'reasoning_opaque', 'extra_content']

/** Reasons that vendors give for the end of an answer that calls tools. */
const CALLS_TOOLS = /^(stop|function_call|eos|end_turn|tool_call)$/i

interface Choice {
  readonly branch: Origin
  readonly calls: ChatCalls
  /** What the last block holds, and where its events belong. A block ends where another kind begins. */
  kind: string
  blocks: number
  origin: Origin
  finishReason: string | undefined
}

function createReader(emit: Emit, custom: EmitCustom): EventReader {
  const choices = new Map<number, Choice>()
  const sourceIds = new Set<string>()
  const extras = new Set<string>()
  let messageId: string | undefined
  let model: string | undefined
  let usage: JsonObject = {}
  let hasFailed = false

  function begin(chunk: JsonObject): void {
    model ??= firstText(chunk.model)
    if (messageId !== undefined) return
    messageId = firstText(chunk.id)
    if (messageId !== undefined) {
      emit('run_started', { runId: messageId, startedAt: chunk.created && timeOf(chunk.created) })
    }
  }

  function choiceAt(given: unknown): Choice {
    const index = typeof given === 'number' ? given : 0
    let choice = choices.get(index)
    if (!choice) {
      const branch = index === 0 ? {} : { branchId: `choice-${index}` }
      const state = { kind: '', blocks: 0, origin: branch, finishReason: undefined }
      choice = { branch, calls: createChatCalls(emit, custom), ...state }
      choices.set(index, choice)
    }
    return choice
  }

  /** Where an event of this kind belongs. */
  function originIn(choice: Choice, kind: string): Origin {
    if (choice.kind !== kind) {
      choice.kind = kind
      const message = messageId === undefined ? {} : { messageId }
      choice.origin = { ...message, blockId: String(choice.blocks++), ...choice.branch }
    }
    return choice.origin
  }

  function note(choice: Choice, name: string, value: unknown): void {
    custom(name, value, originIn(choice, choice.kind))
  }

  function addText(choice: Choice, type: 'token' | 'thinking', text: unknown, refusal?: true): void {
    if (typeof text !== 'string' || text === '') return
    emit(type, { ...originIn(choice, refusal ? 'refusal' : type), text, refusal })
  }

  function addImage(choice: Choice, image: unknown): void {
    const { url } = objectOf(image)
    const mediaType = /^data:([^;,]*)/.exec(firstText(url, image) ?? '')?.[1]
    emit('file', { ...originIn(choice, 'file'), url: url ?? image, mediaType })
  }

  function addPart(choice: Choice, part: unknown): void {
    const { type, text, thinking, refusal, image_url } = objectOf(part)
    if (typeof part === 'string') addText(choice, 'token', part)
    else if (type === 'text') addText(choice, 'token', text)
    else if (type === 'refusal') addText(choice, 'token', refusal, true)
    else if (type === 'image_url') addImage(choice, image_url)
    else if (type !== 'thinking') note(choice, 'content_part', part)
    else if (!Array.isArray(thinking)) addText(choice, 'thinking', thinking)
    else for (const inner of thinking) addText(choice, 'thinking', objectOf(inner).text)
  }

  /** The text once, however many fields have it; what else the details have is needed to go on from them. */
  function addReasoning(choice: Choice, delta: JsonObject): void {
    const plain = firstText(delta.reasoning_content, delta.reasoning, delta.reasoning_text)
    addText(choice, 'thinking', plain)
    for (const detail of [...listOf(delta.reasoning_details), ...listOf(delta.thinking_blocks)]) {
      const { text, summary, thinking, signature, data } = objectOf(detail)
      if (plain === undefined) addText(choice, 'thinking', firstText(text, summary, thinking))
      if (signature || data) note(choice, 'reasoning_details', detail)
    }
  }

  function addSource(url: unknown, title?: unknown): void {
    const sourceId = firstText(url)
    if (sourceId === undefined || sourceIds.has(sourceId)) return
    sourceIds.add(sourceId)
    emit('source_added', { sourceId, url, title: firstText(title) })
  }

  function addDelta(choice: Choice, delta: JsonObject): void {
    const { content, refusal, function_call, tool_calls } = delta
    addReasoning(choice, delta)
    if (Array.isArray(content)) for (const part of content) addPart(choice, part)
    else addText(choice, 'token', content)
    addText(choice, 'token', refusal, true)
    for (const image of listOf(delta.images)) addImage(choice, objectOf(image).image_url)
    for (const annotation of listOf(delta.annotations)) {
      const { url, title } = objectOf(objectOf(annotation).url_citation)
      addSource(url, title)
      note(choice, 'annotation', annotation)
    }
    for (const name of DELTA_EXTRAS) {
      if (delta[name]) note(choice, name, delta[name])
    }
    const legacy = isRecord(function_call) ? [{ id: 'function_call', function: function_call }] : []
    for (const piece of [...listOf(tool_calls), ...legacy]) {
      if (isRecord(piece)) choice.calls.add(piece, originIn(choice, 'tool'))
    }
  }

  function addChoice(given: JsonObject): void {
    const { index, delta, message, text, logprobs, content_filter_results, finish_reason } = given
    const choice = choiceAt(index)
    addDelta(choice, objectOf(delta ?? message ?? { content: text }))
    const { content, refusal } = objectOf(logprobs)
    if (content || refusal) note(choice, 'logprobs', logprobs)
    // Azure says with every chunk that it is safe: what is worth a word is what is not.
    const verdicts = Object.values(objectOf(content_filter_results)).map(objectOf)
    if (verdicts.some(({ filtered, detected }) => filtered === true || detected === true)) {
      note(choice, 'content_filter_results', content_filter_results)
    }
    const reason = firstText(finish_reason)
    if (reason === undefined) return
    // Some say it with every chunk: what comes of tools after the first time is looked at once more at the end.
    if (choice.finishReason === undefined) choice.calls.settle(reason)
    choice.finishReason = reason
    hasFailed = reason === 'error'
  }

  function addExtras(chunk: JsonObject): void {
    for (const found of [...listOf(chunk.search_results), ...listOf(chunk.citations)]) {
      const { url, title } = objectOf(found)
      addSource(url ?? found, title)
    }
    for (const name of CHUNK_EXTRAS) {
      if (!chunk[name] || extras.has(name)) continue
      extras.add(name)
      custom(name, chunk[name])
    }
  }

  function fail(error: unknown): void {
    hasFailed = true
    emit('error', errorFields(error))
  }

  function done(): JsonObject {
    const all = [...choices.values()]
    const reason = (choices.get(0) ?? all[0])?.finishReason
    const callsTools = CALLS_TOOLS.test(reason ?? '') && all.some(({ calls }) => calls.hasAny())
    const finishReason = callsTools ? 'tool_calls' : reason
    const { cost } = usage
    const totalCostUsd = objectOf(cost).total_cost ?? cost
    const isError = hasFailed
    return {
      messageId,
      model,
      numTurns: 1,
      isError,
      finishReason,
      usage: usageOf(usage),
      totalCostUsd,
    }
  }

  return {
    read(chunk, event) {
      const { object, choices: list, error, x_groq } = chunk
      const total = chunk.usage ?? objectOf(x_groq).usage
      const problem = error ?? (event === 'error' ? chunk : undefined)
      if (!problem && object !== CHUNK && !Array.isArray(list) && !isRecord(total)) return false
      begin(chunk)
      for (const choice of listOf(list)) addChoice(objectOf(choice))
      addExtras(chunk)
      if (isRecord(total)) usage = total
      if (problem) fail(problem)
      return true
    },
    end() {
      for (const { calls, finishReason } of choices.values()) {
        if (finishReason === undefined) calls.flush()
        else calls.settle(finishReason)
      }
    },
    pending() {
      const open = [...choices.values()].filter(({ finishReason }) => finishReason === undefined)
      const isAnnounced = choices.size > 0 && open.length === 0
      return isAnnounced || hasFailed ? done() : undefined
    },
  }
}

function usageOf(usage: JsonObject): JsonObject | undefined {
  if (Object.keys(usage).length === 0) return undefined
  const { prompt_tokens_details: prompt, completion_tokens_details: completion } = usage
  return {
    ...usage,
    ...objectOf(prompt),
    ...objectOf(completion),
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    cache_read_tokens: objectOf(prompt).cached_tokens ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens,
  }
}
