import type { AgentEvent } from './event.ts'
import { isRecord, readShape, SHAPES } from './shape.ts'
import type { SseMessage } from './sse.ts'
import { frameWarning, type StreamWarning, type WarningCode } from './warning.ts'

/** Dotted names that are not an event's own with a dot (`spec/protocol.md`, "Accepted aliases"). */
const ALIASES: Readonly<Record<string, string>> = { 'text.delta': 'token', 'run.completed': 'done' }

/** One SSE message as an event of the protocol, or the reason why it is not one. Never throws. */
export function decodeEvent({ event = 'message', data }: SseMessage): AgentEvent | StreamWarning {
  if (event === 'token' || event === 'thinking') {
    const text = plainText(data)
    if (text !== undefined) return { type: event, text }
  }
  let payload: unknown
  try {
    payload = JSON.parse(data)
  } catch {
    // Stays undefined, which no JSON is.
  }
  return decodePayload(event, payload, data)
}

/**
 * One event from its wire name and its parsed payload (a recording has it in this form).
 * `data` is the payload's text, for the warning's excerpt.
 */
export function decodePayload(event: string, payload: unknown, data?: string): AgentEvent | StreamWarning {
  const type = ALIASES[event] ?? event.replace(/^([a-z]+)\./, '$1_')
  const shape = SHAPES.get(type)
  const warn = (code: WarningCode, problem: string) =>
    frameWarning(code, event, data ?? JSON.stringify(payload) ?? '', `"${event}" ${problem}`)
  if (!shape) return warn('unknown_event', 'is not an event of the protocol')
  if (!isRecord(payload)) return warn('malformed_frame', 'event without a JSON object as data')
  const missing: string[] = []
  const wire = type === event ? payload : { text: payload.delta, ...payload }
  // The table's fields are the event's own: `test/schema.test.ts` holds both against the JSON Schemas.
  const decoded = readShape(shape, wire, { type }, missing) as unknown as AgentEvent | undefined
  return decoded ?? warn('malformed_frame', `event without a valid ${missing.join(', ')}`)
}

/**
 * The text of `{"text": "…"}`, got without parsing the object: by slicing where the string holds no escape, which
 * is 95 % of a real recording's tokens, else by parsing the string alone. `undefined` for any other payload.
 */
export function plainText(data: string): string | undefined {
  if (!data.startsWith('{"text":') || !data.endsWith('"}')) return undefined
  const start = data.charCodeAt(8) === 32 ? 10 : 9
  const end = data.length - 2
  if (start > end || data.charCodeAt(start - 1) !== 34) return undefined
  let isEscaped = false
  for (let i = start; i < end; i++) {
    const code = data.charCodeAt(i)
    if (code === 34 || code < 32) return undefined
    if (code === 92) {
      isEscaped = true
      i++
    }
  }
  return isEscaped ? parseString(data.slice(start - 1, end + 1)) : data.slice(start, end)
}

function parseString(literal: string): string | undefined {
  try {
    return JSON.parse(literal)
  } catch {
    // An escape that JSON does not know: the payload is for the full parser to refuse.
    return undefined
  }
}
