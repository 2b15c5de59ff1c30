import type { Dialect } from '../dialect.ts'
import type { Origin } from '../event.ts'
import { isRecord } from '../shape.ts'
import { type ChatCalls, CUT_OFF, createChatCalls } from './chat-calls.ts'
import { createEventDecoder, type Emit, type EmitCustom, type EventReader } from './event-decoder.ts'
import { errorFields, firstText, listOf, objectOf, timeOf } from './fields.ts'
import type { JsonObject } from './json-messages.ts'

const NAME = 'openai-chat'

/** OpenAI's chat completions, and the many APIs that speak it with variations (`spec/dialects.md`). */
export const openaiChat: Dialect = {
  name: NAME,
  detect(_message, payload) {
    if (!isRecord(payload)) return false
    const { choices, error, object, type } = payload
    return Array.isArray(choices) || object === 'error' || (type === undefined && !!error)
  },
  createDecoder: () => createEventDecoder(NAME, createReader),
}

/** Fields of a chunk and of a delta that no event has a place for. Those of a chunk are said once. */
const CHUNK_EXTRAS = ['prompt_filter_results', 'moderation']
const DELTA_EXTRAS = ['audio', 'executed_tools', 'reasoning_opaque', 'extra_content']

interface Choice {
  readonly branch: Origin
  readonly calls: ChatCalls
  /** What the last block holds, and where its events belong. A block ends where another kind begins. */
  kind: string
  blocks: number
  origin: Origin
  finishReason?: string
}

function createReader(emit: Emit, custom: EmitCustom): EventReader {
  const choices = new Map<string, Choice>()
  const seen = new Set<unknown>()
  const isNew = (what: unknown) => seen.size < seen.add(what).size
  let messageId: string | undefined
  let model: string | undefined
  let usage: unknown
  let hasFailed = false

  function begin({ id, created, model: given }: JsonObject): void {
    model ??= firstText(given)
    if (messageId) return
    messageId = firstText(id)
    if (messageId) emit('run_started', { runId: messageId, startedAt: created && timeOf(created) })
  }

  function choiceAt(given: unknown): Choice {
    const index = firstText(given) ?? '0'
    let choice = choices.get(index)
    if (!choice) {
      const branch = index === '0' ? {} : { branchId: `choice-${index}` }
      choice = { branch, calls: createChatCalls(emit, custom), kind: '', blocks: 0, origin: branch }
      choices.set(index, choice)
    }
    return choice
  }

  /** Where an event of this kind belongs; what says none belongs to the last block. */
  function originIn(choice: Choice, kind = choice.kind): Origin {
    if (choice.kind !== kind) {
      choice.kind = kind
      choice.origin = { ...(messageId && { messageId }), blockId: `${choice.blocks++}`, ...choice.branch }
    }
    return choice.origin
  }

  function note(choice: Choice, name: string, value: unknown): void {
    custom(name, value, originIn(choice))
  }

  function addText(choice: Choice, type: 'token' | 'thinking', text: unknown, refusal?: true): void {
    if (typeof text !== 'string' || !text) return
    emit(type, { ...originIn(choice, refusal ? 'refusal' : type), text, refusal })
  }

  function addImage(choice: Choice, image: unknown): void {
    const url = firstText(objectOf(image).url, image)
    if (!url) return
    emit('file', { ...originIn(choice, 'file'), url, mediaType: /^data:([^;,]*)/.exec(url)?.[1] })
  }

  function addPart(choice: Choice, part: unknown): void {
    const { text, thinking, image_url } = objectOf(part)
    addText(choice, 'token', text ?? part)
    for (const inner of listOf(thinking)) addText(choice, 'thinking', objectOf(inner).text)
    addImage(choice, image_url)
    if (isRecord(part) && !text && !thinking && !image_url) note(choice, 'content_part', part)
  }

  /** The text once, however many fields have it; what else the details have is needed to go on from them. */
  function addReasoning(choice: Choice, delta: JsonObject): void {
    const plain = firstText(delta.reasoning_content, delta.reasoning, delta.reasoning_text)
    addText(choice, 'thinking', plain)
    for (const detail of [...listOf(delta.reasoning_details), ...listOf(delta.thinking_blocks)]) {
      const { text, summary, thinking, signature, data } = objectOf(detail)
      if (!plain) addText(choice, 'thinking', firstText(text, summary, thinking))
      if (signature || data) note(choice, 'reasoning_details', detail)
    }
  }

  function addSource(url: unknown, title?: unknown): void {
    const sourceId = firstText(url)
    if (sourceId && isNew(sourceId)) emit('source_added', { sourceId, url, title: firstText(title) })
  }

  function addDelta(choice: Choice, delta: JsonObject): void {
    const { content, refusal, function_call, tool_calls } = delta
    addReasoning(choice, delta)
    for (const part of Array.isArray(content) ? content : [content]) addPart(choice, part)
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
    const legacy = function_call ? [{ id: 'function_call', function: function_call }] : []
    for (const piece of [...listOf(tool_calls), ...legacy]) {
      choice.calls.add(objectOf(piece), originIn(choice, 'tool'))
    }
  }

  function addChoice(given: JsonObject): void {
    const { index, delta, message, text, logprobs, content_filter_results, finish_reason } = given
    const choice = choiceAt(index)
    // A last chunk may repeat the whole message.
    const whole = choice.kind ? {} : message
    addDelta(choice, objectOf(delta ?? (message ? whole : { content: text })))
    if (Object.values(objectOf(logprobs)).some(Boolean)) note(choice, 'logprobs', logprobs)
    // Azure says with every chunk that it is safe: what is worth a word is what is not.
    const verdicts = Object.values(objectOf(content_filter_results)).map(objectOf)
    if (verdicts.some(({ filtered, detected }) => filtered === true || detected === true)) {
      note(choice, 'content_filter_results', content_filter_results)
    }
    const reason = firstText(finish_reason)
    if (!reason) return
    // Some say it with every chunk: what comes of tools after the first time is looked at once more at the end.
    if (!choice.finishReason) choice.calls.settle(reason)
    choice.finishReason = reason
    hasFailed = reason === 'error'
  }

  function addExtras(chunk: JsonObject): void {
    for (const found of [...listOf(chunk.search_results), ...listOf(chunk.citations)]) {
      const { url, title } = objectOf(found)
      addSource(url ?? found, title)
    }
    for (const name of CHUNK_EXTRAS) {
      if (chunk[name] && isNew(name)) custom(name, chunk[name])
    }
  }

  function done(): JsonObject {
    const all = [...choices.values()]
    const reason = (choices.get('0') ?? all[0])?.finishReason
    // Many vendors call it `stop`, or whatever word they have.
    const callsTools = reason && !CUT_OFF.test(reason) && all.some(({ calls }) => calls.hasAny())
    const { cost } = objectOf(usage)
    return {
      messageId,
      model,
      isError: hasFailed,
      finishReason: callsTools ? 'tool_calls' : reason,
      usage: usage && usageOf(objectOf(usage)),
      totalCostUsd: objectOf(cost).total_cost ?? cost,
    }
  }

  return {
    read(chunk, event) {
      const { choices: list, error, object, x_groq } = chunk
      const groq = objectOf(x_groq)
      const total = chunk.usage ?? groq.usage
      const [choiceError] = listOf(list).flatMap((choice) => objectOf(choice).error ?? [])
      const isError = event === 'error' || object === 'error'
      const problem = error ?? groq.error ?? choiceError ?? (isError ? chunk : undefined)
      if (!problem && !Array.isArray(list) && !total) return false
      begin(chunk)
      for (const choice of listOf(list)) addChoice(objectOf(choice))
      addExtras(chunk)
      usage = total ?? usage
      if (problem) {
        hasFailed = true
        emit('error', errorFields(problem))
      }
      return true
    },
    end() {
      for (const { calls, finishReason } of choices.values()) {
        if (finishReason) calls.settle(finishReason)
        else calls.flush()
      }
    },
    pending() {
      const all = [...choices.values()]
      const isAnnounced = all.length > 0 && all.every(({ finishReason }) => finishReason)
      return isAnnounced || hasFailed ? done() : undefined
    },
  }
}

function usageOf(usage: JsonObject): JsonObject {
  const prompt = objectOf(usage.prompt_tokens_details)
  return {
    ...usage,
    ...prompt,
    ...objectOf(usage.completion_tokens_details),
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    cache_read_tokens: prompt.cached_tokens ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens,
  }
}
