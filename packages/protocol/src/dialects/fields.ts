import type { JsonObject } from './json-messages.ts'

const EMPTY: JsonObject = {}

/** The value if it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : EMPTY
}

/** The value if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value if it is text, else `''`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The first of the values that is a text of some length, else `undefined`. */
export function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}

/** A piece of text as it stands inside a JSON string. */
export function jsonFragment(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Seconds since 1970 as ISO 8601, `''` if they are no time. */
export function timeOf(seconds: unknown): string {
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

/**
 * What went wrong as the fields of an `error` event: from `{type, code, message}`, as the APIs of model providers say
 * it, or from its text.
 */
export function errorFields(given: unknown): JsonObject {
  const { type, code, message } = objectOf(given)
  const errorType = firstText(type, code) ?? (typeof code === 'number' ? String(code) : undefined)
  return { errorType, message: firstText(message, given), details: given }
}
