import { isObject, type JsonObject, listOr, objectOr, parseJson } from '../json-object.ts'
import { type ImportedAnswer, refuse } from './imported-call.ts'
import { readMessages } from './read-messages.ts'
import { firstString, readParts } from './read-parts.ts'

/** What a model answered, and what else stands with it. */
export interface ReadAnswer {
  readonly answer: ImportedAnswer
  readonly model?: string | undefined
  /** As the source has it, unread. */
  readonly usage?: unknown
}

/** Reads a text, a message, or a response of the OpenAI, Anthropic or Gemini API or of LangChain. */
export function readAnswer(output: unknown): ReadAnswer {
  if (output === null || output === undefined) return refuse('it has no output')
  const value = typeof output === 'string' ? jsonOrText(output) : output
  if (typeof value === 'string') return { answer: { text: value, toolCalls: [] } }
  const read = Array.isArray(value) ? fromList(value) : fromObject(objectOr(value))
  const { text, toolCalls } = read.answer
  return text === '' && toolCalls.length === 0 ? refuse('its output has neither text nor tool calls') : read
}

/** Exports keep responses as JSON text, too; an answer that happens to be JSON stays a text. */
function jsonOrText(text: string): unknown {
  const value = parseJson(text)
  if (Array.isArray(value)) return value.length > 0 && value.every(isMessage) ? value : text
  const isResponse = isObject(value) && ['choices', 'candidates', 'generations'].some((key) => key in value)
  return isResponse || isMessage(value) ? value : text
}

function isMessage(value: unknown): boolean {
  return (
    isObject(value) &&
    (('role' in value && ('content' in value || 'parts' in value)) || isObject(value.kwargs))
  )
}

/** Items of the Responses API stand in a list like messages, and not like parts of one. */
function isItem(value: unknown): boolean {
  return isMessage(value) || ['message', 'function_call'].includes(String(objectOr(value).type))
}

function fromObject(value: JsonObject): ReadAnswer {
  const choice = objectOr(listOr(value.choices ?? value.candidates)[0])
  const generation = objectOr(listOr(value.generations).flat(1)[0])
  const message = choice.message ?? choice.content ?? generation.message ?? value.message
  const { answer, ...inside } = isObject(message)
    ? fromList([{ role: 'assistant', ...message }])
    : fromFields(value, choice, generation)
  const finishReason = firstString(
    choice.finish_reason,
    choice.finishReason,
    objectOr(generation.generation_info).finish_reason,
    value.stop_reason,
    value.finish_reason,
    answer.finishReason,
  )
  return {
    answer: { ...answer, ...(finishReason !== undefined && { finishReason }) },
    model: firstString(value.model, value.modelVersion, value.model_name, inside.model),
    usage: value.usage ?? value.usageMetadata ?? value.usage_metadata ?? inside.usage,
  }
}

/** An answer that is no message by itself. */
function fromFields(value: JsonObject, choice: JsonObject, generation: JsonObject): ReadAnswer {
  const list = value.output ?? value.messages
  if (Array.isArray(list)) return fromList(list)
  const nested = value.output ?? value.outputs ?? value.response
  if (isObject(nested)) return fromObject(nested)
  const text = firstString(
    nested,
    choice.text,
    generation.text,
    value.text,
    value.completion,
    value.generated_text,
    value.answer,
  )
  return text === undefined
    ? fromList([{ role: 'assistant', ...value }])
    : { answer: { text, toolCalls: [] } }
}

/** A list of parts, or of messages: those of the model count. OpenTelemetry has a message for each choice. */
function fromList(list: readonly unknown[]): ReadAnswer {
  if (!list.some(isItem)) {
    const { text, toolCalls } = readParts(list)
    return { answer: { text, toolCalls } }
  }
  const first = objectOr(list[0])
  const finishReason = firstString(first.finish_reason)
  const said = readMessages((finishReason === undefined ? list : [first]).filter((item) => !isPrompt(item)))
  const answers = said.messages.filter(({ role }) => role === 'assistant')
  return {
    answer: {
      text: answers.map(({ content }) => content).join(''),
      toolCalls: answers.flatMap((message) => ('toolCalls' in message ? (message.toolCalls ?? []) : [])),
      ...(finishReason !== undefined && { finishReason }),
    },
    usage: objectOr(first.kwargs).usage_metadata ?? first.usage_metadata,
  }
}

function isPrompt(item: unknown): boolean {
  return ['user', 'human', 'system'].includes(String(objectOr(item).role ?? objectOr(item).type))
}
