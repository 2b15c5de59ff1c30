import { AgentStreamError } from '@agent-stream/protocol'

import { type Clock, systemClock } from './clock.ts'
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
  const { clock = systemClock } = options
  let waitMs = 0
  try {
    const response = await fetchStream(options, request, signal)
    send({ type: 'opened' })
    const { status, ok, body, headers } = response
    const contentType = headers.get('content-type')
    if (!ok) {
      waitMs = retryAfterMs(headers.get('retry-after'), Date.now)
      throw httpError(status, await beginningOf(body, clock))
    }
    if (!body || !/^text\/event-stream *(;|$)/i.test(contentType ?? 'text/event-stream')) {
      const received = `${status} ${contentType ?? 'without a body'}: ${(await beginningOf(body, clock)).slice(0, EXCERPT_CHARS)}`
      throw new AgentStreamError('not_event_stream', `Expected text/event-stream, received ${received}`, {
        status,
      })
    }
    await readBody(body, (bytes) => !signal.aborted && reader.chunk(bytes))
    reader.flush()
    send({ type: 'closed' })
  } catch (cause) {
    reader.flush()
    const error = cause instanceof AgentStreamError ? cause : networkError(cause)
    // The first request's answer is final, whatever it is; a lost connection never is.
    const isFinal = error === cause && !(isRepeat && error.retryable)
    send(isFinal ? { type: 'rejected', error } : { type: 'dropped', error, retryAfterMs: waitMs })
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

/** Says nothing of the cause but itself as `cause`: its message may hold a URL or a header, and so a secret. */
function networkError(cause: unknown): AgentStreamError {
  return new AgentStreamError('network_error', 'The connection was lost', { retryable: true, cause })
}

const EXCERPT_CHARS = 200
const MAX_ERROR_CHARS = 65_536
/** The status has been told: what is said beside it may take this long. */
const ERROR_BODY_MS = 2000

/** The beginning of a body as text, as far as it comes: a broken or hanging one does not hide the answer. */
async function beginningOf(body: ReadableStream<Uint8Array> | null, clock: Clock): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  const take = (bytes: Uint8Array): boolean => {
    text += decoder.decode(bytes, { stream: true })
    return text.length < MAX_ERROR_CHARS
  }
  let timer: unknown
  const tooLong = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, ERROR_BODY_MS)
  })
  try {
    if (body) await Promise.race([readBody(body, take), tooLong])
  } catch {
    // It broke: what has come is what there is.
  }
  clock.clearTimeout(timer)
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
