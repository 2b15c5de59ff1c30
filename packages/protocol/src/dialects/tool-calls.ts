import { decodePayload } from '../decode.ts'
import type { Decoded } from '../dialect.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

interface Call {
  readonly turn: number
  readonly origin: JsonObject | undefined
  name: unknown
  /** The fragments of its arguments. */
  text: string
  /** Its `input` has been told. */
  hasInput: boolean
  hasResult: boolean
}

/**
 * The tool calls of a response on a wire that says a call's name and arguments only once, in pieces. Whatever it is
 * given, it gives events or a warning; `data` is the message's text, for the warning.
 */
export interface ToolCalls {
  has(id: unknown): boolean
  /** A call begins, or is told again with its `input`. */
  use(id: unknown, fields: JsonObject, turn: number, data: string, origin?: JsonObject): Decoded
  /** A fragment of its arguments. */
  delta(id: unknown, delta: unknown, data: string): Decoded
  /** Its arguments are complete: the call once more with them, if they are JSON and were not told yet. */
  complete(id: unknown): Decoded
  result(id: unknown, fields: JsonObject, data: string, origin?: JsonObject): Decoded
  /** Forgets the calls of this turn, and of later ones. */
  rollback(turn: number): void
  /** Completes what has not been, and gives the ids of the calls without a result. */
  open(): { readonly events: Decoded; readonly ids: readonly string[] }
  /** How many calls there were. */
  count(): number
}

export function createToolCalls(): ToolCalls {
  const calls = new Map<unknown, Call>()
  let count = 0

  function complete(id: unknown): Decoded {
    const call = calls.get(id)
    if (!call || call.hasInput) return []
    const input = parseJson(call.text)
    if (input === undefined) return []
    call.hasInput = true
    call.text = ''
    return [decodePayload('tool_use', { ...call.origin, toolName: call.name, toolUseId: id, input })]
  }

  return {
    has: (id) => calls.has(id),
    use(id, fields, turn, data, origin) {
      let call = calls.get(id)
      if (!call || (call.hasResult && call.turn !== turn)) {
        call = { turn, origin, name: fields.toolName, text: '', hasInput: false, hasResult: false }
        calls.set(id, call)
        count++
      }
      call.name ??= fields.toolName
      call.hasInput ||= fields.input !== undefined
      return [decodeCall('tool_use', id, { ...call.origin, ...fields }, data)]
    },
    delta(id, delta, data) {
      const call = calls.get(id)
      if (call && typeof delta === 'string') call.text += delta
      return [decodeCall('tool_input_delta', id, { ...call?.origin, delta }, data)]
    },
    complete,
    result(id, fields, data, origin) {
      const call = calls.get(id)
      const events = complete(id)
      if (call) call.hasResult ||= fields.preliminary !== true
      const result = { ...(call ? call.origin : origin), toolName: call?.name, ...fields }
      return [...events, decodeCall('tool_result', id, result, data)]
    },
    rollback(turn) {
      for (const [id, call] of calls) if (call.turn >= turn) calls.delete(id)
    },
    open() {
      const ids = [...calls].filter(([, { hasResult }]) => !hasResult).map(([id]) => id as string)
      return { events: ids.flatMap(complete), ids }
    },
    count: () => count,
  }
}

/** A call without an id cannot be told from the others: `undefined` instead makes the event a malformed one. */
function decodeCall(type: string, id: unknown, fields: JsonObject, data: string): Decoded[number] {
  const event = decodePayload(type, { ...fields, toolUseId: id }, data)
  return typeof id === 'string' ? event : decodePayload(type, undefined, data)
}
