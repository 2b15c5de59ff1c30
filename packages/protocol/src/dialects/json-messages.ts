/** What a message of another wire holds: nothing is known about its fields. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The value of a JSON text; `undefined`, which no JSON is, of any other. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
