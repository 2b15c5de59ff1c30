import { AgentStreamError } from '@agent-stream/protocol'
import { type EventObject, fromCallback } from 'xstate'

import type { ConnectionEvent, ConnectionInput } from './lifecycle.ts'
import type { AgentStreamClientOptions } from './options.ts'
import { requestInit, requestUrl } from './request.ts'
import { isRetryableStatus, retryAfterMs } from './retry.ts'

/** Reads one attempt's body. */
export interface BodyReader {
  /** Takes a chunk; false once the run has ended and nothing more is wanted. */
  chunk(bytes: Uint8Array): boolean
  /** Publishes what is still buffered. */
  flush(): void
  /** Publishes nothing more. */
  close(): void
}

export type Send = (event: ConnectionEvent) => void
export type OpenReader = (input: ConnectionInput, send: Send) => BodyReader

/** The machine's connection: one `fetch`, told apart into what the machine knows. Leaving the state aborts it. */
export function createConnection(options: () => AgentStreamClientOptions, openReader: OpenReader) {
  return fromCallback<EventObject, ConnectionInput>(({ input, sendBack }) => {
    const controller = new AbortController()
    const send: Send = (event) => {
      if (!controller.signal.aborted) sendBack(event)
    }
    const reader = openReader(input, send)
    void connect(options(), input, reader, send, controller.signal)
    return () => {
      controller.abort()
      reader.close()
    }
  })
}

async function connect(
  options: AgentStreamClientOptions,
  input: ConnectionInput,
  reader: BodyReader,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  let isOver = false
  try {
    const response = await request(options, input, signal)
    const failure = await refusal(response, input.isRepeat)
    if (failure) return send(failure)
    send({ type: 'opened' })
    for await (const chunk of chunksOf(response.body as ReadableStream<Uint8Array>)) {
      isOver = signal.aborted || !reader.chunk(chunk)
      if (isOver) return
    }
    reader.flush()
    send({ type: 'closed' })
  } catch (cause) {
    // A body that cannot even be cancelled changes nothing for a run that is over.
    if (isOver || signal.aborted) return
    reader.flush()
    if (cause instanceof AgentStreamError) send({ type: 'rejected', error: cause })
    else send({ type: 'dropped', error: networkError(cause) })
  }
}

async function request(
  options: AgentStreamClientOptions,
  { request }: ConnectionInput,
  signal: AbortSignal,
): Promise<Response> {
  const url = requestUrl(options.baseUrl, request.endpoint)
  const send = async () =>
    (options.fetch ?? fetch)(url, { ...(await requestInit(options, request, url)), signal })
  const response = await send()
  if (response.status !== 401 || !options.getToken) return response
  await response.body?.cancel()
  return send()
}

/** Why the response is no event stream to read, or `undefined` if it is one. */
async function refusal(response: Response, isRepeat: boolean): Promise<ConnectionEvent | undefined> {
  const { status } = response
  if (!response.ok) {
    const error = await httpError(response)
    if (!isRepeat || !error.retryable) return { type: 'rejected', error }
    return {
      type: 'dropped',
      error,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now),
    }
  }
  const type = response.headers.get('content-type')
  if (response.body && status !== 204 && /^\s*text\/event-stream\s*(;|$)/i.test(type ?? 'text/event-stream'))
    return
  const received = `${status} ${type ?? 'without a body'}`
  const excerpt = await excerptOf(response)
  const message = `Expected an event stream (text/event-stream), received ${received}${excerpt && `: ${excerpt}`}`
  return {
    type: 'rejected',
    error: new AgentStreamError('not_event_stream', message, { details: { status } }),
  }
}

/** The server's own words, where it has any: a JSON body's `message` or `error`. */
async function httpError(response: Response): Promise<AgentStreamError> {
  const { status } = response
  const body = await excerptOf(response, MAX_ERROR_BODY_CHARS)
  let details: unknown = body
  try {
    details = JSON.parse(body)
  } catch {
    // Not JSON: the text itself is the detail.
  }
  const said = (details as { message?: unknown } | null)?.message
  const message = typeof said === 'string' ? said : `HTTP ${status}`
  return new AgentStreamError('http_error', message, {
    retryable: isRetryableStatus(status),
    status,
    details,
  })
}

function networkError(cause: unknown): AgentStreamError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new AgentStreamError('network_error', `The connection was lost: ${message}`, {
    retryable: true,
    cause,
  })
}

const EXCERPT_CHARS = 200
const MAX_ERROR_BODY_CHARS = 64 * 1024

/** The beginning of a body; never more than that is read of it. */
async function excerptOf(response: Response, maxChars = EXCERPT_CHARS): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  if (response.body) {
    for await (const chunk of chunksOf(response.body)) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length >= maxChars) break
    }
  }
  return text.slice(0, maxChars)
}

/** Iterating the body directly is nearly twice as fast in Node; Safari cannot. */
function chunksOf(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in body ? body : readerChunks(body)
}

async function* readerChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}
