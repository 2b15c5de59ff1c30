import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder } from '../dialect.ts'
import type { AgentEventType, DoneEvent } from '../event.ts'
import { createJsonDecoder, type JsonObject, unknownMessage } from './json-messages.ts'

/** Gives out an event of these fields. Absent ones take their default; what is none of a field's kind is absent. */
export type Emit = (type: AgentEventType, fields: JsonObject) => void

/** What one dialect makes of the JSON objects that its messages carry. */
export interface EventReader {
  /** The next message; `name` is that of the SSE message. False if the dialect does not know it. */
  read(payload: JsonObject, name: string | undefined): boolean
  /** Nothing more comes: gives out what was held back, all but the `done`. */
  end(): void
  /** The fields of the `done` that was announced, while more may follow. */
  pending(): JsonObject | undefined
}

/** A decoder that gives out what its reader emits, and nothing after a `done`. */
export function createEventDecoder(name: string, createReader: (emit: Emit) => EventReader): Decoder {
  let given: Decoded[number][] = []
  let isDone = false
  let messageName: string | undefined
  const reader = createReader((type, fields) => {
    if (!isDone) given.push(decodePayload(type, fields))
    isDone ||= type === 'done'
  })

  function take(): Decoded {
    const taken = given
    given = []
    return taken
  }

  function pending(): DoneEvent | undefined {
    const fields = isDone ? undefined : reader.pending()
    // A done has no field that it could lack.
    return fields && (decodePayload('done', fields) as DoneEvent)
  }

  const messages = createJsonDecoder({
    read(payload, data) {
      if (!reader.read(payload, messageName))
        given.push(unknownMessage(name, payload.type ?? messageName, data))
      return take()
    },
    end() {
      if (!isDone) reader.end()
      const done = pending()
      isDone = true
      return done ? [...take(), done] : take()
    },
  })

  return {
    decode(message) {
      messageName = message.event
      return isDone ? [] : messages.decode(message)
    },
    end: messages.end,
    get pending() {
      return pending()
    },
  }
}
