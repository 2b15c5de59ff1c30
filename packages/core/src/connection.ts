import { AgentStreamError } from '@agent-stream/protocol'

import type { ConnectionEvent } from './lifecycle.ts'
import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import { requestInit } from './request.ts'
import { isRetryableStatus, retryAfterMs } from './retry.ts'
import type { StreamReader } from './stream-reader.ts'

/** One attempt: one `fetch`, told apart into what the lifecycle knows. Says nothing more once `signal` is aborted. */
export async function connect(
  options: AgentStreamClientOptions,
  request: StreamRequest,
  isRepeat: boolean,
  reader: StreamReader,
  send: (event: ConnectionEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const response = await fetchStream(options, request, signal)
    const failure = await refusal(response, isRepeat)
    if (failure) return send(failure)
    send({ type: 'opened' })
    // An event stream has a body: `refusal` has looked.
    await readBody(
      response.body as ReadableStream<Uint8Array>,
      (bytes) => !signal.aborted && reader.chunk(bytes),
    )
    reader.flush()
    send({ type: 'closed' })
  } catch (cause) {
    reader.flush()
    if (cause instanceof AgentStreamError) send({ type: 'rejected', error: cause })
    else send({ type: 'dropped', error: networkError(cause) })
  }
}

async function fetchStream(
  options: AgentStreamClientOptions,
  request: StreamRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { url, body, idempotencyKey } = request
  const post = async () =>
    (options.fetch ?? fetch)(url, { ...(await requestInit(options, body, idempotencyKey)), signal })
  const response = await post()
  if (response.status !== 401 || !options.getToken) return response
  await response.body?.cancel()
  return post()
}

/** Why the response is no event stream to read, or `undefined` if it is one. */
async function refusal(response: Response, isRepeat: boolean): Promise<ConnectionEvent | undefined> {
  const { status, ok, body, headers } = response
  const contentType = headers.get('content-type')
  if (ok && body && /^text\/event-stream *(;|$)/i.test(contentType ?? 'text/event-stream')) return
  const text = await beginningOf(body)
  if (ok) {
    const received = `${status} ${contentType ?? 'without a body'}: ${text.slice(0, EXCERPT_CHARS)}`
    const message = `Expected an event stream (text/event-stream), received ${received}`
    return { type: 'rejected', error: new AgentStreamError('not_event_stream', message, { status }) }
  }
  const error = httpError(status, text)
  return isRepeat && error.retryable
    ? { type: 'dropped', error, retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now) }
    : { type: 'rejected', error }
}

/** The server's own words, where it has any: `message` of a JSON body. */
function httpError(status: number, text: string): AgentStreamError {
  let details: unknown = text
  try {
    details = JSON.parse(text)
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
  const message = cause instanceof Error ? cause.message : cause
  return new AgentStreamError('network_error', `The connection was lost: ${message}`, {
    retryable: true,
    cause,
  })
}

const EXCERPT_CHARS = 200
const MAX_ERROR_CHARS = 65_536

/** The beginning of a body as text; never more than that is read of it. */
async function beginningOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  const take = (bytes: Uint8Array): boolean => {
    text += decoder.decode(bytes, { stream: true })
    return text.length < MAX_ERROR_CHARS
  }
  if (body) await readBody(body, take)
  return text
}

/** Hands each chunk on until there are no more, or `take` wants no more. */
async function readBody(
  body: ReadableStream<Uint8Array>,
  take: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (!take(next.value)) return reader.cancel()
  }
}
