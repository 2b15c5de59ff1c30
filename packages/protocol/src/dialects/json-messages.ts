import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder } from '../dialect.ts'
import type { DoneEvent } from '../event.ts'
import { isRecord } from '../shape.ts'
import { frameWarning, type StreamWarning } from '../warning.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** What a dialect makes of its messages, each a JSON object, and of its end. */
export interface JsonReader {
  /** `data` is the payload's text, for a warning's excerpt; `event` the message's name. */
  read(payload: JsonObject, data: string, event: string): Decoded
  /** `[DONE]`, or the end of the response. */
  end(): Decoded
  /** The `done` that is held back. */
  pending?(): DoneEvent | undefined
}

/** A decoder of a wire whose messages are JSON objects, `[DONE]` being its last. Nothing is read after a `done`. */
export function createJsonDecoder({ read, end, pending }: JsonReader): Decoder {
  let isDone = false

  function take(events: Decoded): Decoded {
    isDone ||= events.at(-1)?.type === 'done'
    return events
  }

  return {
    decode({ event = 'message', data }) {
      if (isDone) return []
      if (data.trim() === '[DONE]') return take(end())
      const payload = parseJson(data)
      if (isRecord(payload)) return take(read(payload, data, event))
      const problem = `"${event}" message without a JSON object as data`
      return [frameWarning('malformed_frame', event, data, problem)]
    },
    end: () => (isDone ? [] : take(end())),
    get pending() {
      return isDone ? undefined : pending?.()
    },
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

/**
 * What no event of the protocol has a field for, under the dialect's own name; nothing if there is nothing. `key` says
 * what it belongs to.
 */
export function customRest(name: string, key: JsonObject, rest: JsonObject, origin?: JsonObject): Decoded {
  const hasRest = Object.values(rest).some((value) => value !== undefined)
  return hasRest ? [decodePayload('custom', { ...origin, name, value: { ...key, ...rest } })] : []
}
