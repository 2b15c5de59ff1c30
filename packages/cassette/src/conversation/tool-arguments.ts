import { isObject, type JsonObject, parseJson } from '../json-object.ts'
import type { ToolCall } from './conversation.ts'
import { unsupported } from './unsupported-request-error.ts'

/** Arguments that a wire carries as JSON text: parsed, or the text itself where it is no JSON. */
export function parseArguments(text: unknown): unknown {
  if (typeof text !== 'string') return text ?? {}
  if (text.trim() === '') return {}
  const value = parseJson(text)
  return value === undefined ? text : value
}

/** The text of arguments for a wire that wants text. */
export function argumentsText({ arguments: value }: ToolCall): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {})
}

/** Arguments for a wire that takes an object only. */
export function argumentsObject({ name, arguments: value }: ToolCall): JsonObject {
  if (isObject(value)) return value
  if (value === null || value === undefined) return {}
  return unsupported(`the arguments of an earlier call of ${name} are not a JSON object`)
}
