import type { AgentEvent } from './event.ts'
import { isRecord, SHAPES, type Shape } from './shape.ts'

/** The payload of an event as the wire has it: snake_case, without absent fields. The name travels apart. */
export function encodePayload(event: AgentEvent): Record<string, unknown> {
  const shape = SHAPES.get(event.type)
  if (!shape) {
    throw new TypeError(`encodePayload: "${event.type}" is not an event type; see AgentEventType`)
  }
  return writeShape(shape, event as unknown as Record<string, unknown>)
}

/** One event as SSE text; `seq` becomes its `id`. */
export function encodeEvent(event: AgentEvent, seq?: number): string {
  return sseText(event.type, JSON.stringify(encodePayload(event)), seq)
}

/** One SSE message; `data` is text without line ends, as JSON is. */
export function sseText(event: string, data: string, seq?: number): string {
  const id = seq === undefined ? '' : `id: ${seq}\n`
  return `${id}event: ${event}\ndata: ${data}\n\n`
}

function writeShape(shape: Shape, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const wire: Record<string, unknown> = {}
  for (const field of shape) {
    const given = value[field.key]
    if (given !== undefined && (given !== null || field.fallback !== null))
      wire[field.wireKey] = writeField(field.shape, given)
  }
  return wire
}

function writeField(shape: Shape | undefined, value: unknown): unknown {
  if (!shape) return value
  if (Array.isArray(value)) return value.map((item) => writeField(shape, item))
  return isRecord(value) ? writeShape(shape, value) : value
}
