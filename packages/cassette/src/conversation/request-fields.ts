import { isObject, type JsonObject, listOr } from '../json-object.ts'
import { unsupported } from './unsupported-request-error.ts'

/** Fields that say how the answer comes, and nothing of what it is. */
const TRANSPORT = ['model', 'stream', 'stream_options', 'user', 'metadata', 'store', 'service_tier']

/** The body of a request whose messages are under `key`. */
export function requestBody(body: unknown, key: string): JsonObject {
  if (!isObject(body)) return unsupported('the request has no JSON object as its body')
  if (!Array.isArray(body[key])) return unsupported(`the request has no list of ${key}`)
  return body
}

/** The fields that are set, are not transport, and are not among those that were read. */
export function droppedFields(body: JsonObject, read: readonly string[]): readonly string[] | undefined {
  const isDropped = (key: string) => !TRANSPORT.includes(key) && !read.includes(key)
  const dropped = Object.keys(body).filter((key) => isDropped(key) && (body[key] ?? undefined) !== undefined)
  return dropped.length > 0 ? dropped : undefined
}

export function numberField(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Stop sequences: a text, or a list of them. */
export function stopField(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value]
  const texts = listOr(value).filter((text) => typeof text === 'string')
  return texts.length > 0 ? texts : undefined
}

/** Two texts as two paragraphs, or the one there is. */
export function joinParagraphs(first: string | null, second: string): string {
  return first === null || first === '' ? second : `${first}\n\n${second}`
}
