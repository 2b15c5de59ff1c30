import { isObject, type JsonObject, objectOr, parseJson, stringOr } from '../json-object.ts'
import { type ImportedCall, refuse } from './imported-call.ts'
import type { OtelRecord } from './otlp.ts'
import { readAnswer } from './read-answer.ts'
import { firstString } from './read-parts.ts'
import { readRequest } from './read-request.ts'
import { callTimes, readTime } from './read-time.ts'
import { readUsage } from './read-usage.ts'

const DETAILS = 'gen_ai.client.inference.operation.details'
const CALLS = new Set(['chat', 'text_completion', 'generate_content', 'completion', 'message'])
const MESSAGE_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$/

/**
 * Reads a span of a model call, with the log records that belong to it. Its messages stand in the attributes
 * `gen_ai.input.messages` and `gen_ai.output.messages` or in an event with these (conventions from 1.37 on), in an
 * event for each message (until 1.36), or in `gen_ai.prompt.0.role` and so on (OpenLLMetry), or as `gen_ai.prompt`.
 * Source: https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
 */
export function readOtel(span: OtelRecord, logs: readonly OtelRecord[]): ImportedCall {
  const events = [...span.events, ...logs]
  const attributes = allAttributes(span, events)
  const operation = attributes['gen_ai.operation.name']
  if (!Object.keys(attributes).some((key) => key.startsWith('gen_ai.')) && !events.some(isMessageEvent)) {
    refuse('it has no gen_ai attributes')
  }
  if (typeof operation === 'string' && !CALLS.has(operation))
    refuse(`it is a ${operation} operation, no call of a model`)
  if (span.hasFailed) refuse(`the call failed: ${firstString(attributes['error.type']) ?? 'no error type'}`)
  const { prompt, completion } = textsOf(attributes, events)
  if (prompt === undefined) refuse('its messages were not recorded')
  const { answer } = readAnswer(completion)
  const model = firstString(attributes['gen_ai.request.model'], attributes['gen_ai.response.model'])
  const provider = firstString(attributes['gen_ai.provider.name'], attributes['gen_ai.system'])
  const category = firstString(attributes.category)
  const usage = readUsage(usageAttributes(attributes), true)
  return {
    ...(span.spanId !== undefined && { id: span.spanId }),
    model: model ?? refuse('it names no model'),
    ...(provider !== undefined && { provider }),
    conversation: readRequest(prompt, parametersOf(attributes)),
    answer: { ...answer, ...finishReason(attributes) },
    ...(usage && { usage }),
    ...timesOf(span, attributes),
    ...(category !== undefined && { category }),
  }
}

/** What is recorded as an event counts as if it stood on the span. */
function allAttributes(span: OtelRecord, events: readonly OtelRecord[]): JsonObject {
  const details = events.filter(({ name }) => name === DETAILS || !MESSAGE_EVENT.test(name))
  return Object.assign({}, ...details.map(({ attributes }) => attributes), span.attributes)
}

interface Texts {
  /** Messages, or a request with a system prompt beside them. */
  readonly prompt: unknown
  readonly completion: unknown
}

function textsOf(attributes: JsonObject, events: readonly OtelRecord[]): Texts {
  const messages = parsed(attributes['gen_ai.input.messages'])
  if (messages !== undefined) {
    const system = parsed(attributes['gen_ai.system_instructions'])
    const prompt = { messages, ...(system !== undefined && { system }) }
    return { prompt, completion: parsed(attributes['gen_ai.output.messages']) }
  }
  const said = events.filter(isMessageEvent)
  if (said.length > 0) return { prompt: said.map(eventMessage), completion: choiceIn(events) }
  return {
    prompt: indexed(attributes, 'gen_ai.prompt'),
    completion: indexed(attributes, 'gen_ai.completion'),
  }
}

function isMessageEvent({ name }: OtelRecord): boolean {
  return MESSAGE_EVENT.test(name)
}

/** A log record has the message in its body, a span event in its attributes. */
function eventMessage({ name, body, attributes }: OtelRecord): JsonObject {
  const said = isObject(body) ? body : attributes
  const toolCalls = parsed(said.tool_calls)
  return {
    role: stringOr(said.role, MESSAGE_EVENT.exec(name)?.[1] ?? ''),
    content: parsed(said.content),
    ...(toolCalls !== undefined && { tool_calls: toolCalls }),
    ...(said.id !== undefined && { tool_call_id: said.id }),
  }
}

function choiceIn(events: readonly OtelRecord[]): unknown {
  const choice = events.find(({ name }) => name === 'gen_ai.choice')
  if (!choice) return undefined
  const said = isObject(choice.body) ? choice.body : choice.attributes
  return { choices: [{ message: objectOr(parsed(said.message) ?? said), finish_reason: said.finish_reason }] }
}

/** `prefix.0.role`, `prefix.0.content`, `prefix.0.tool_calls.0.name`; or all of it as JSON in `prefix`. */
function indexed(attributes: JsonObject, prefix: string): unknown {
  const messages: unknown[] = []
  for (let place = 0; ; place++) {
    const at = `${prefix}.${place}`
    const [role, content] = [attributes[`${at}.role`], attributes[`${at}.content`]]
    const calls = indexedCalls(attributes, `${at}.tool_calls`)
    if (role === undefined && content === undefined && calls.length === 0) break
    messages.push({
      role: role ?? (prefix.endsWith('prompt') ? 'user' : 'assistant'),
      content: parsed(content) ?? '',
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(attributes[`${at}.tool_call_id`] !== undefined && {
        tool_call_id: attributes[`${at}.tool_call_id`],
      }),
      ...(prefix.endsWith('completion') && { finish_reason: attributes[`${at}.finish_reason`] ?? 'stop' }),
    })
  }
  return messages.length > 0 ? messages : parsed(attributes[prefix])
}

function indexedCalls(attributes: JsonObject, prefix: string): readonly unknown[] {
  const calls: unknown[] = []
  for (let place = 0; attributes[`${prefix}.${place}.name`] !== undefined; place++) {
    const [id, name, args] = ['id', 'name', 'arguments'].map((key) => attributes[`${prefix}.${place}.${key}`])
    calls.push({ id, name, arguments: args })
  }
  return calls
}

/** Attributes of a span may be structured, or JSON text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const json = parseJson(value)
  return typeof json === 'object' && json !== null ? json : value
}

function parametersOf(attributes: JsonObject): JsonObject {
  return {
    tools: parsed(attributes['gen_ai.tool.definitions']) ?? indexedTools(attributes),
    temperature: attributes['gen_ai.request.temperature'],
    max_tokens: attributes['gen_ai.request.max_tokens'],
  }
}

/** OpenLLMetry: `llm.request.functions.0.name`. */
function indexedTools(attributes: JsonObject): readonly unknown[] {
  const tools: unknown[] = []
  for (let place = 0; ; place++) {
    const at = `llm.request.functions.${place}`
    if (attributes[`${at}.name`] === undefined) return tools
    tools.push({
      name: attributes[`${at}.name`],
      description: attributes[`${at}.description`],
      parameters: parsed(attributes[`${at}.parameters`]),
    })
  }
}

function usageAttributes(attributes: JsonObject): JsonObject {
  const of = (name: string) => attributes[`gen_ai.usage.${name}`]
  return {
    input_tokens: of('input_tokens') ?? of('prompt_tokens'),
    output_tokens: of('output_tokens') ?? of('completion_tokens'),
    cache_read_input_tokens: of('cache_read.input_tokens') ?? of('cache_read_input_tokens'),
    cache_creation_input_tokens: of('cache_creation.input_tokens') ?? of('cache_creation_input_tokens'),
    output_reasoning_tokens: of('reasoning.output_tokens'),
  }
}

function finishReason(attributes: JsonObject): { readonly finishReason?: string } {
  const reasons = parsed(attributes['gen_ai.response.finish_reasons'])
  const reason = firstString(Array.isArray(reasons) ? reasons[0] : undefined)
  return reason === undefined ? {} : { finishReason: reason }
}

function timesOf({ start, end }: OtelRecord, attributes: JsonObject) {
  const seconds = attributes['gen_ai.response.time_to_first_chunk']
  const startMs = readTime(start)
  const first = typeof seconds === 'number' && startMs !== undefined ? startMs + seconds * 1000 : undefined
  return callTimes(start, end, first)
}
