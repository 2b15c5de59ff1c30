import type { AgentEvent } from './event.ts'
import { isRecord, readShape, SHAPES } from './shape.ts'
import type { SseMessage } from './sse.ts'
import { frameWarning, type StreamWarning } from './warning.ts'

/** Dotted event names that are accepted on input (`spec/protocol.md`, "Accepted aliases"). */
const ALIASES: Readonly<Record<string, string>> = {
  'run.started': 'run_started',
  'plan.created': 'plan_created',
  'step.started': 'step_started',
  'step.completed': 'step_completed',
  'text.delta': 'token',
  'quality.checked': 'quality_checked',
  'run.completed': 'done',
}

/** One SSE message as an event of the protocol, or the reason why it is not one. Never throws. */
export function decodeEvent(message: SseMessage): AgentEvent | StreamWarning {
  const { event = 'message', data } = message
  if (event === 'token' || event === 'thinking') {
    const text = plainText(data)
    if (text !== undefined) return { type: event, text }
  }
  let payload: unknown
  try {
    payload = JSON.parse(data)
  } catch {
    return known(event)
      ? frameWarning('malformed_frame', event, data, `"${event}" event whose data is not JSON`)
      : unknownEvent(event, data)
  }
  return decodePayload(event, payload, data)
}

/**
 * One event from its wire name and its parsed payload (a recording has it in this form).
 * `data` is the payload's text, for the warning's excerpt.
 */
export function decodePayload(event: string, payload: unknown, data?: string): AgentEvent | StreamWarning {
  const type = ALIASES[event] ?? event
  const shape = known(event)
  const excerpt = (): string => data ?? JSON.stringify(payload) ?? ''
  if (!shape) return unknownEvent(event, excerpt())
  if (!isRecord(payload)) {
    return frameWarning(
      'malformed_frame',
      event,
      excerpt(),
      `"${event}" event whose data is not a JSON object`,
    )
  }
  if (type !== event && payload.text === undefined) payload = { ...payload, text: payload.delta }
  // The table's fields are the event's own: `test/schema.test.ts` holds both against the JSON Schemas.
  const decoded = readShape(shape, payload as Record<string, unknown>, { type }) as unknown as
    | AgentEvent
    | undefined
  return (
    decoded ??
    frameWarning('malformed_frame', event, excerpt(), `"${event}" event without ${missing(shape, payload)}`)
  )
}

function known(event: string) {
  const type = ALIASES[event] ?? event
  return Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined
}

function missing(shape: NonNullable<ReturnType<typeof known>>, payload: unknown): string {
  const fields = shape.filter(
    (field) => field.isRequired && !readShape([field], payload as Record<string, unknown>),
  )
  return fields.map((field) => `a valid "${field.wireKey}"`).join(' and ')
}

function unknownEvent(event: string, data: string): StreamWarning {
  return frameWarning('unknown_event', event, data, `"${event}" is not an event of the protocol`)
}

/**
 * The text of `{"text": "…"}` when the string holds no escape, so that slicing gives what `JSON.parse` would:
 * 95 % of a real recording's tokens, at a fifth of the cost. `undefined` leaves the payload to `JSON.parse`.
 */
export function plainText(data: string): string | undefined {
  if (!data.startsWith('{"text":') || !data.endsWith('"}')) return undefined
  const start = data.charCodeAt(8) === 32 ? 10 : 9
  const end = data.length - 2
  if (start > end || data.charCodeAt(start - 1) !== 34) return undefined
  for (let i = start; i < end; i++) {
    const code = data.charCodeAt(i)
    if (code === 34 || code === 92 || code < 32) return undefined
  }
  return data.slice(start, end)
}
