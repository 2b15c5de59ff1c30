import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder } from '../dialect.ts'
import type { AgentEventType, DoneEvent } from '../event.ts'
import { createJsonDecoder, type JsonObject, unknownMessage } from './json-messages.ts'

/** Gives out an event of these fields. Absent ones take their default; what is none of a field's kind is absent. */
export type Emit = (type: AgentEventType, fields: JsonObject) => void

/** What one dialect makes of the JSON objects that its messages carry. */
export interface EventReader {
  /** The next message; `event` is the name of the SSE message. False if the dialect does not know it. */
  read(payload: JsonObject, event: string): boolean
  /** Nothing more comes: gives out what was held back, all but the `done`. */
  end(): void
  /** The fields of the `done` that was announced, while more may follow. */
  pending(): JsonObject | undefined
}

/** A decoder that gives out what its reader emits, and nothing after a `done`. */
export function createEventDecoder(dialect: string, createReader: (emit: Emit) => EventReader): Decoder {
  let given: Decoded[number][] = []
  let excerpt = ''
  const reader = createReader((type, fields) => {
    if (given.at(-1)?.type !== 'done') given.push(decodePayload(type, fields, excerpt))
  })

  function take(): Decoded {
    const taken = given
    given = []
    return taken
  }

  function pending(): DoneEvent | undefined {
    const fields = reader.pending()
    // No field of `done` is one that it cannot do without.
    return fields && (decodePayload('done', fields, '') as DoneEvent)
  }

  return createJsonDecoder({
    read(payload, data, event) {
      excerpt = data
      const isKnown = reader.read(payload, event)
      return isKnown ? take() : [...take(), unknownMessage(dialect, payload.type ?? event, data)]
    },
    end() {
      excerpt = ''
      reader.end()
      const done = pending()
      return done ? [...take(), done] : take()
    },
    pending,
  })
}
