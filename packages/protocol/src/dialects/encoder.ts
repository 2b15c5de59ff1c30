import type { RunError } from '../error.ts'
import type { AgentEvent } from '../event.ts'

/**
 * Writes one run in the messages of another wire. Pure and total: whatever order the events come in, the messages are
 * ones that the wire's own clients read. The same events give the same messages, so that a reader that comes back can
 * be given those that it lacks.
 */
export interface Encoder<Message> {
  /** What the next event adds, in order. Nothing after `done`. */
  encode(event: AgentEvent): readonly Message[]
  /** No more events come: closes what is open, and says of a run without `done` that it was cut off, or by what. */
  end(error?: RunError): readonly Message[]
}

/** Another wire that a server can speak (`spec/dialects.md`). */
export interface Wire<Options = unknown> {
  /** Of its dialect: what a request asks for it by. */
  readonly name: string
  /** The response's headers, besides those of every event stream. */
  readonly headers: Readonly<Record<string, string>>
  /** The data of the message that follows the last one, if the wire has one. */
  readonly trailer?: string
  createEncoder(options?: Options): Encoder<object>
  /** What the answer to a request with this body must repeat of it. Takes any JSON. */
  optionsOf(body: unknown): Options
  /** The conversation that a request with this body belongs to, if it says so. Takes any JSON. */
  threadOf(body: unknown): string | undefined
}
