import type { AgentEvent, DoneEvent, Wire } from '@agent-stream/protocol'

import type { AgentOutput } from '../run/agent.ts'
import { AGENT_FAILED } from './agent-failed.ts'
import { type Clock, systemClock } from './clock.ts'
import { createDialectChunks, createOwnChunks } from './response-chunks.ts'
import { createSseBody } from './sse-body.ts'

/** An event, whose fields with a default may be left out; SSE text, as the emitter gives it; or bytes of such text. */
export type ResponseChunk = AgentOutput | AgentEvent | string | Uint8Array

export interface AgentStreamResponseOptions {
  /** Silence after which a heartbeat comment is sent, in milliseconds. Default 15,000. */
  readonly heartbeatMs?: number
  /** Added to `SSE_HEADERS`. */
  readonly headers?: HeadersInit
  /** What the source threw: the stream says only that the agent failed. Default: `console.error`. */
  readonly onError?: (error: unknown) => void
  readonly clock?: Clock
  /** The wire to speak instead of agent-stream's own, like `aiSdkUiWire`. */
  readonly dialect?: Wire
  /** The JSON body of the request, where the dialect's answer repeats ids that came with it. */
  readonly body?: unknown
}

/** What an event stream is sent with. The last two keep proxies from compressing it, and from holding it back. */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

const DONE: DoneEvent = {
  type: 'done',
  messageId: '',
  numTurns: 0,
  toolCount: 0,
  durationMs: 0,
  model: '',
  isError: false,
}

/**
 * The answer to a request that an agent streams into. Reads the source as it is read itself, and ends it with
 * `return()` when the reader leaves; give the agent `request.signal` too, for what it waits for. If the source throws,
 * `error` and `done` with `is_error` say so. Events that end without `done` get one; text and bytes stay as they are,
 * and are read where a dialect is spoken.
 */
export function agentStreamResponse(
  source: AsyncIterable<ResponseChunk>,
  options: AgentStreamResponseOptions = {},
): Response {
  // biome-ignore lint/suspicious/noConsole: an exception that nobody is told of would be lost
  const { heartbeatMs = 15_000, headers, onError = console.error, clock = systemClock } = options
  if (!(heartbeatMs > 0))
    throw new TypeError(`heartbeatMs: expected milliseconds above 0, got ${heartbeatMs}`)
  const { dialect } = options
  const chunks = dialect ? createDialectChunks(dialect, options.body) : createOwnChunks()
  let hasEvents = false

  function encode(chunk: ResponseChunk): string | Uint8Array {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) return chunks.text(chunk)
    if (typeof chunk?.type !== 'string') {
      throw new TypeError(
        `The source gave ${chunk === null ? 'null' : typeof chunk}; expected an event like { type: 'token', text: 'Hi' }, SSE text or bytes`,
      )
    }
    // Defaults that are left out are left out on the wire, too: the reader fills them in.
    const text = chunks.event(chunk as AgentEvent)
    hasEvents = true
    return text
  }

  function end(failure?: { readonly error: unknown }): string {
    if (failure) onError(failure.error)
    if (failure) return chunks.event(AGENT_FAILED) + chunks.event({ ...DONE, isError: true })
    return hasEvents || dialect ? chunks.event(DONE) : ''
  }

  const body = createSseBody(source, { encode, isOver: chunks.isDone, end, heartbeatMs, clock })
  const merged = new Headers(headers)
  for (const [name, value] of Object.entries({ ...SSE_HEADERS, ...dialect?.headers })) merged.set(name, value)
  return new Response(body, { headers: merged })
}
