import { decodePayload } from '../decode.ts'
import type { Decoded, Decoder } from '../dialect.ts'
import type { AgentEventType, DoneEvent, Origin } from '../event.ts'
import { isRecord } from '../shape.ts'
import { frameWarning } from '../warning.ts'
import { firstText } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

/** Gives out an event of these fields. Absent ones take their default; what is none of a field's kind is absent. */
export type Emit = (type: AgentEventType, fields: JsonObject) => void

/** Gives out what no event has a place for, as `<dialect>.<name>`. */
export type EmitCustom = (name: string, value: unknown, origin?: Origin | JsonObject) => void

/** What one dialect makes of the JSON objects that its messages carry. */
export interface EventReader {
  /** The next message; `event` is the name of the SSE message. False if the dialect does not know it. */
  read(payload: JsonObject, event: string): boolean
  /** Nothing more comes: gives out what was held back, all but the `done`. */
  end(): void
  /** The fields of the `done` that was announced, while more may follow. */
  pending(): JsonObject | undefined
}

/**
 * A decoder of a wire whose messages are JSON objects, `[DONE]` being its last. It gives out what its reader emits, and
 * nothing after a `done`.
 */
export function createEventDecoder(
  dialect: string,
  createReader: (emit: Emit, custom: EmitCustom) => EventReader,
): Decoder {
  let given: Decoded[number][] = []
  let excerpt = ''
  let isDone = false
  const emit: Emit = (type, fields) => {
    given.push(decodePayload(type, fields, excerpt))
    isDone = type === 'done'
  }
  const reader = createReader(emit, (name, value, origin) => {
    emit('custom', { ...origin, name: `${dialect}.${name}`, value })
  })

  function end(): Decoded {
    given = []
    if (isDone) return given
    reader.end()
    const done = reader.pending()
    if (done) emit('done', done)
    return given
  }

  return {
    decode({ event = 'message', data }) {
      if (isDone || data.trim() === '[DONE]') return end()
      given = []
      excerpt = data
      const payload = parseJson(data)
      if (!isRecord(payload)) {
        given.push(frameWarning('malformed_frame', event, data, `"${event}" message without a JSON object`))
      } else if (!reader.read(payload, event)) {
        const name = firstText(payload.type) ?? event
        given.push(frameWarning('unknown_event', name, data, `"${name}" is not a message of ${dialect}`))
      }
      return given
    },
    end,
    get pending() {
      const done = isDone ? undefined : reader.pending()
      // No field of `done` is one that it cannot do without.
      return done && (decodePayload('done', done, '') as DoneEvent)
    },
  }
}
