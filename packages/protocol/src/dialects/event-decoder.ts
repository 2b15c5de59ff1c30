import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder } from '../dialect.ts'
import type { AgentEventType, DoneEvent, Origin } from '../event.ts'
import { createJsonDecoder, type JsonObject, unknownMessage } from './json-messages.ts'

/** Gives out an event of these fields. Absent ones take their default; what is none of a field's kind is absent. */
export type Emit = (type: AgentEventType, fields: JsonObject) => void

/** Gives out what no event has a place for, as `<dialect>.<name>`. */
export type EmitCustom = (name: string, value: unknown, origin?: Origin) => void

/** What one dialect makes of the JSON objects that its messages carry. */
export interface EventReader {
  /** The next message; `event` is the name of the SSE message. False if the dialect does not know it. */
  read(payload: JsonObject, event: string): boolean
  /** Nothing more comes: gives out what was held back, all but the `done`. */
  end(): void
  /** The fields of the `done` that was announced, while more may follow. */
  pending(): JsonObject | undefined
}

/** A decoder that gives out what its reader emits: a `done`, if any, last. */
export function createEventDecoder(
  dialect: string,
  createReader: (emit: Emit, custom: EmitCustom) => EventReader,
): Decoder {
  let given: Decoded[number][] = []
  let excerpt = ''
  const emit: Emit = (type, fields) => {
    given.push(decodePayload(type, fields, excerpt))
  }
  const reader = createReader(emit, (name, value, origin) => {
    emit('custom', { ...origin, name: `${dialect}.${name}`, value })
  })

  return createJsonDecoder({
    read(payload, data, event) {
      given = []
      excerpt = data
      if (!reader.read(payload, event)) given.push(unknownMessage(dialect, payload.type ?? event, data))
      return given
    },
    end() {
      given = []
      reader.end()
      const done = reader.pending()
      if (done) emit('done', done)
      return given
    },
    pending() {
      const done = reader.pending()
      // No field of `done` is one that it cannot do without.
      return done && (decodePayload('done', done, '') as DoneEvent)
    },
  })
}
