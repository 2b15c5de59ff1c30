import { isRecord } from '../shape.ts'
import type { JsonObject } from './json-messages.ts'

/** The value if it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isRecord(value) ? value : {}
}

/** The value if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value if it is text, or a number as text, else `''`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** The first of the values that is a text of some length, else `undefined`. */
export function firstText(...values: readonly unknown[]): string | undefined {
  return values.map(textOf).find(Boolean)
}

/** Seconds since 1970 as ISO 8601, `null` if they are no time. */
export function timeOf(seconds: unknown): string | null {
  return typeof seconds === 'number' ? new Date(seconds * 1000).toJSON() : null
}

/**
 * What went wrong as the fields of an `error` event: from `{type, code, message}`, as the APIs of model providers say
 * it, or from its text.
 */
export function errorFields(given: unknown): JsonObject {
  const { type, code, message } = objectOf(given)
  return { errorType: firstText(type, code), message: firstText(message, given), details: given }
}
