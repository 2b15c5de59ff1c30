import type { AgentEvent, DoneEvent } from './event.ts'
import type { ApplyPatch } from './fold.ts'
import type { SseMessage } from './sse.ts'
import type { StreamWarning } from './warning.ts'

/** What an SSE message of another wire says in this protocol's events, and what of it was passed over. */
export type Decoded = readonly (AgentEvent | StreamWarning)[]

/**
 * Reads one response of another wire. It keeps what later messages refer to, and so belongs to one response. Pure,
 * tolerant and total: whatever the messages are, it gives events and warnings, and never throws.
 */
export interface Decoder {
  /** The next message. A `done` is given out as soon as nothing can follow it. */
  decode(message: SseMessage): Decoded
  /** The response is over, cleanly or not: a `done` for a run whose end was announced but not yet given out. */
  end(): Decoded
  /** That `done`, as long as it is held back; silence after it means the end. Absent where a wire holds none back. */
  readonly pending?: DoneEvent | undefined
}

/** The response's headers, as far as a dialect is told by them. */
export interface DialectHeaders {
  get(name: string): string | null
}

/** Another wire that a client can read (`spec/dialects.md`). Each is an entry of its own. */
export interface Dialect {
  readonly name: string
  /** Whether a response whose first message this is speaks it. `payload` is the parsed data, if it is JSON. */
  detect(message: SseMessage, payload: unknown, headers?: DialectHeaders): boolean
  createDecoder(): Decoder
  /** Brought along by a dialect whose streams patch the shared state. */
  readonly applyPatch?: ApplyPatch
}
