import type { Decoded, Decoder } from '../dialect.ts'
import type { CustomEvent, Origin } from '../event.ts'
import { isRecord } from '../shape.ts'
import { frameWarning, type StreamWarning } from '../warning.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** What a dialect makes of its messages, each a JSON object, and of its end. */
export interface JsonReader {
  /** `data` is the payload's text, for a warning's excerpt. */
  read(payload: JsonObject, data: string): Decoded
  /** `[DONE]`, or the end of the response. */
  end(): Decoded
}

/** A decoder of a wire whose messages are JSON objects, `[DONE]` being its last. */
export function createJsonDecoder({ read, end }: JsonReader): Decoder {
  return {
    decode({ event = 'message', data }) {
      if (data.trim() === '[DONE]') return end()
      const payload = parseJson(data)
      if (isRecord(payload)) return read(payload, data)
      return [
        frameWarning('malformed_frame', event, data, `"${event}" message without a JSON object as data`),
      ]
    },
    end,
  }
}

/** The value of a JSON text; `undefined`, which no JSON is, of any other. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A message that the dialect does not know by its `type`. */
export function unknownMessage(dialect: string, type: unknown, data: string): StreamWarning {
  const name = typeof type === 'string' ? type : 'message'
  return frameWarning('unknown_event', name, data, `"${name}" is not a message of ${dialect}`)
}

/** What no event of the protocol has a field for, under the dialect's own name; nothing if there is nothing. */
export function customRest(name: string, key: JsonObject, rest: JsonObject, origin?: Origin): CustomEvent[] {
  const hasRest = Object.values(rest).some((value) => value !== undefined)
  return hasRest ? [{ type: 'custom', name, value: { ...key, ...rest }, ...origin }] : []
}
