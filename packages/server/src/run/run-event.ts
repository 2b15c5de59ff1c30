import {
  type AgentEvent,
  decodePayload,
  encodePayload,
  MAX_MESSAGE_CHARS,
  spacedJson,
} from '@agent-stream/protocol'

/** An event as the log keeps it. */
export interface StorableEvent {
  readonly event: AgentEvent
  /** The payload as JSON text. */
  readonly data: string
}

/** What only the server writes. */
const RESERVED: ReadonlySet<string> = new Set(['run_started', 'gap', 'input_received'])

/** Checks what an agent yielded and fills in its defaults. Throws `TypeError` for what is no event. */
export function agentEvent(output: unknown): StorableEvent {
  const { type } = (output ?? {}) as { type?: unknown }
  if (typeof type !== 'string') {
    throw new TypeError(
      `The agent yielded ${describe(output)}; expected an event, like { type: 'token', text: 'Hi' }`,
    )
  }
  if (RESERVED.has(type)) {
    throw new TypeError(`The agent yielded "${type}", which is the server's to write`)
  }
  const event = decodePayload(type, encodePayload(output as AgentEvent))
  if (event.type === 'warning') throw new TypeError(`The agent yielded an invalid event: ${event.message}`)
  return storable(event)
}

/** Throws `TypeError` for what no reader takes. */
export function storable(event: AgentEvent): StorableEvent {
  const data = spacedJson(encodePayload(event))
  if (data.length <= MAX_MESSAGE_CHARS) return { event, data }
  const { type } = event
  throw new TypeError(
    `The event "${type}" has ${data.length} characters, more than readers take (${MAX_MESSAGE_CHARS}): yield it in parts`,
  )
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value)
  return Array.isArray(value) ? 'an array' : 'an object without a type'
}
