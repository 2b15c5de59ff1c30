import { AgentStreamError } from '@agent-stream/protocol'

import type { Clock } from './clock.ts'
import { isRetryableStatus } from './retry.ts'

/** An answer that is an error, in the server's own words where it has any: `message` of a JSON body. */
export async function httpError({ status, body }: Response, clock: Clock): Promise<AgentStreamError> {
  let details: unknown = await beginningOf(body, clock)
  try {
    details = JSON.parse(details as string)
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

const EXCERPT_CHARS = 200

/** A success that is no event stream: says what was received instead. */
export async function notEventStream(
  { status, headers, body }: Response,
  clock: Clock,
): Promise<AgentStreamError> {
  const type = headers.get('content-type') ?? 'without a body'
  const received = `${status} ${type}: ${(await beginningOf(body, clock)).slice(0, EXCERPT_CHARS)}`
  return new AgentStreamError('not_event_stream', `Expected text/event-stream, received ${received}`, {
    status,
  })
}

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
export async function readBody(
  body: ReadableStream<Uint8Array>,
  take: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (!take(next.value)) return reader.cancel()
  }
}
