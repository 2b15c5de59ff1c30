export type JsonObject = Readonly<Record<string, unknown>>

/** An object that is no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is an object, else an empty one: for reading what may be missing. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function stringOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise
}

/** The value if it is a list, else an empty one. */
export function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value of a JSON text; `undefined`, which no JSON is, of any other. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The object without the fields that are undefined, for types whose optional fields are absent or set. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  // Which keys are there is what the type's optional fields say.
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
