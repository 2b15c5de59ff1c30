import type { Image, MessagePart, ToolCall } from '../conversation/conversation.ts'
import { isObject, type JsonObject, listOr, objectOr, parseJson, stringOr } from '../json-object.ts'
import { refuse } from './imported-call.ts'

/** What stands in the content of one message, in whichever shape a system keeps it. */
export interface MessageParts {
  text: string
  /** Texts and images in their order. */
  readonly parts: MessagePart[]
  readonly toolCalls: ToolCall[]
  readonly toolResults: { readonly toolCallId: string | null; readonly content: string }[]
}

/** What a model thought is not part of what it was asked. */
const THOUGHTS = new Set(['thinking', 'redacted_thinking', 'reasoning'])
const DATA_URL = /^data:([\w/+.-]+);base64,(.*)$/s

/**
 * Reads content of the OpenAI, Anthropic and Gemini APIs, of the AI SDK, LangChain and OpenTelemetry. Refuses the
 * record for a part that would be lost, such as a sound.
 */
export function readParts(content: unknown): MessageParts {
  const parts: MessageParts = { text: '', parts: [], toolCalls: [], toolResults: [] }
  if (typeof content === 'string') addText(content, parts)
  else if (Array.isArray(content)) for (const part of content) readPart(part, parts)
  else if (isObject(content)) readPart(content, parts)
  return parts
}

function addText(text: string, into: MessageParts): void {
  into.text += text
  into.parts.push({ type: 'text', text })
}

function readPart(part: unknown, into: MessageParts): void {
  if (typeof part === 'string') addText(part, into)
  if (!isObject(part)) return
  const type = stringOr(part.type, '').replaceAll('-', '_')
  if (THOUGHTS.has(type) || part.thought === true) return
  const text = part.text ?? part.refusal ?? (type === 'text' ? part.content : undefined)
  if (typeof text === 'string') addText(text, into)
  else if (type === 'tool_use' || type === 'tool_call' || isObject(part.functionCall))
    into.toolCalls.push(readToolCall(part))
  else if (type.startsWith('tool_') || isObject(part.functionResponse))
    into.toolResults.push(toolResult(part))
  else into.parts.push(image(part, type))
}

/** A tool call in any of the shapes, arguments parsed. */
export function readToolCall(value: unknown): ToolCall {
  const call = objectOr(value)
  const named = isObject(call.function)
    ? call.function
    : isObject(call.functionCall)
      ? call.functionCall
      : call
  const name = named.name ?? call.toolName
  if (typeof name !== 'string' || name === '') refuse('it has a tool call without a name')
  const args = named.arguments ?? named.args ?? named.input ?? {}
  return {
    id: firstString(call.id, call.call_id, call.toolCallId) ?? null,
    name,
    arguments: typeof args === 'string' ? (parseJson(args) ?? args) : args,
  }
}

function toolResult(part: JsonObject): MessageParts['toolResults'][number] {
  const response = objectOr(part.functionResponse)
  const result = part.result ?? part.response ?? part.output ?? part.content ?? response.response
  return {
    toolCallId:
      firstString(part.tool_use_id, part.toolCallId, part.tool_call_id, part.id, response.id) ?? null,
    content: resultText(result),
  }
}

/** A tool's result as the text that a model reads. */
export function resultText(result: unknown): string {
  if (typeof result === 'string') return result
  if (Array.isArray(result) && result.every((part) => isObject(part) && typeof part.text === 'string'))
    return result.map(({ text }) => text).join('')
  // The AI SDK's: {type: 'text' | 'json', value}.
  if (isObject(result) && 'value' in result && typeof result.type === 'string')
    return resultText(result.value)
  return result === undefined || result === null ? '' : JSON.stringify(result)
}

function image(part: JsonObject, type: string): Image {
  const source = objectOr(part.source)
  const inline = objectOr(part.inlineData ?? part.inline_data)
  const url = firstString(objectOr(part.image_url).url, part.image_url, part.image, source.url, part.uri)
  const mediaType = firstString(
    source.media_type,
    inline.mimeType,
    inline.mime_type,
    part.mime_type,
    part.mediaType,
  )
  const base64 = firstString(source.data, inline.data, type === 'blob' ? part.content : undefined)
  const isImage = type.includes('image') || part.modality === 'image' || mediaType?.startsWith('image/')
  if (isImage && mediaType && base64) return { type: 'image', mediaType, base64 }
  const [, dataType, data] = (url && DATA_URL.exec(url)) || []
  if (isImage && dataType && data !== undefined) return { type: 'image', mediaType: dataType, base64: data }
  if (isImage && url) return { type: 'image', url }
  return refuse(
    `its content has a part of the type ${JSON.stringify(part.type ?? Object.keys(part)[0] ?? 'unknown')}`,
  )
}

/** The first that is a text with something in it. */
export function firstString(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}

export function readToolCalls(value: unknown): readonly ToolCall[] {
  return listOr(value).map(readToolCall)
}
