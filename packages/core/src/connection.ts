import type { Clock } from './clock.ts'
import { streamError } from './drop.ts'
import { httpError, notEventStream, readBody } from './http-error.ts'
import type { ConnectionEvent, LifecycleContext } from './lifecycle-context.ts'
import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import { ask, trustedUrl } from './request.ts'
import { retryAfterMs } from './retry.ts'
import type { StreamReader } from './stream-reader.ts'

/** One attempt: one `fetch`, told apart into what the lifecycle knows. Says nothing more once `signal` is aborted. */
export async function connect(
  options: AgentStreamClientOptions & { readonly clock: Clock },
  context: LifecycleContext,
  reader: StreamReader,
  send: (event: ConnectionEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options
  const { attempt, after, eventsUrl } = context
  // Only `start` leads to a connection, and it brings the request.
  const request = context.request as StreamRequest
  const isResume = after !== null
  let waitMs = 0
  try {
    const response = await ask(
      options,
      isResume ? (eventsUrl as string) : request.url,
      isResume ? null : request.body,
      { signal, ...(isResume && { cache: 'no-store' }) },
      {
        Accept: 'text/event-stream',
        'Idempotency-Key': isResume ? undefined : request.idempotencyKey,
        'Last-Event-ID': after ? `${after}` : undefined,
      },
    )
    const { status, ok, body, headers } = response
    const location = ok && !isResume && !options.eventsUrl && headers.get('content-location')
    const located = location && trustedUrl(options, location, request.url, response.url)
    if (located) send({ type: 'located', eventsUrl: located })
    send({ type: 'opened' })
    if (!ok) {
      waitMs = retryAfterMs(headers.get('retry-after'), Date.now)
      throw await httpError(response, clock)
    }
    const isFinal = isResume && status === 204
    if (!isFinal) {
      const type = headers.get('content-type') ?? 'text/event-stream'
      if (!body || !/^text\/event-stream *(;|$)/i.test(type)) throw await notEventStream(response, clock)
      await readBody(body, (bytes) => !signal.aborted && reader.chunk(bytes, headers))
      reader.end()
    }
    send({ type: 'closed', isFinal })
  } catch (cause) {
    reader.end()
    const error = streamError(cause)
    // The first request's answer is final, whatever it is; a lost connection never is.
    const isFinal = error === cause && !((isResume || attempt > 1) && error.retryable)
    send(isFinal ? { type: 'rejected', error } : { type: 'dropped', error, retryAfterMs: waitMs })
  }
}
