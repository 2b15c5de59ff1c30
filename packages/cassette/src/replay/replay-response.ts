import { CassetteError } from '../cassette-error.ts'
import type { Clock } from '../clock.ts'
import type { CapturedResponse, Exchange } from '../exchange.ts'
import { dressResponse, hasNoBody } from '../seam/dress-response.ts'

export interface ReplayResponseOptions {
  readonly clock: Clock
  /** When the request was made, by the clock. */
  readonly startedMs: number
  /** Absent: everything is there at once. 2 is twice as fast as it was recorded. */
  readonly speed?: number
  readonly signal: AbortSignal | undefined
  /** The request's. */
  readonly url: string
}

/**
 * The response as it was recorded, chunk by chunk, each read when it is wanted. One that broke off breaks off in the
 * same way. Rejects with the signal's reason when that is aborted first.
 */
export async function replayResponse(exchange: Exchange, options: ReplayResponseOptions): Promise<Response> {
  const { response, end } = exchange
  const due = createDue(options)
  if (!response) {
    await due(end.atMs)
    throw breakOf(exchange)
  }
  await due(response.atMs)
  return dressResponse(newResponse(response, bodyOf(exchange, response, due, options)), {
    url: response.isRedirected ? response.url : options.url,
    redirected: response.isRedirected,
    type: 'basic',
  })
}

function newResponse({ status, statusText, headers }: CapturedResponse, body: BodyInit | null): Response {
  const pairs = headers.map(([name, value]): [string, string] => [name, value])
  try {
    return new Response(body, { status, statusText, headers: pairs })
  } catch (cause) {
    throw new CassetteError('unreadable', 'The recorded response is none that HTTP knows', { cause })
  }
}

type Due = (atMs: number) => Promise<void>

function bodyOf(
  exchange: Exchange,
  { status }: CapturedResponse,
  due: Due,
  { signal }: ReplayResponseOptions,
): ReadableStream<Uint8Array> | null {
  if (hasNoBody(status)) return null
  const { chunks, end } = exchange
  let next = 0
  let onAbort = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onAbort = () => controller.error(signal?.reason)
        signal?.addEventListener('abort', onAbort, { once: true })
      },
      async pull(controller) {
        const chunk = chunks[next++]
        await due(chunk?.atMs ?? end.atMs)
        if (chunk) {
          // A copy: its reader may take the bytes away, and the recording may answer again.
          controller.enqueue(new Uint8Array(chunk.bytes))
          return
        }
        signal?.removeEventListener('abort', onAbort)
        if (end.type === 'complete' || isCleanCut(exchange)) controller.close()
        else controller.error(breakOf(exchange))
      },
      cancel() {
        signal?.removeEventListener('abort', onAbort)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Whose server closed the connection as if that were all. */
function isCleanCut({ end }: Exchange): boolean {
  return end.type === 'truncated' && end.reason === 'no_end_marker'
}

/** What whoever reads gets where a recording breaks off. */
function breakOf({ end }: Exchange): Error {
  if (end.type === 'error') {
    const cause = new Error(end.message)
    return new TypeError(end.where === 'request' ? 'fetch failed' : 'terminated', { cause })
  }
  const why = end.type === 'aborted' ? 'its caller wanted no more' : 'it was larger than the limit'
  return new CassetteError('partial', `The recording ends here, as ${why}`)
}

/** Waits until it is so many milliseconds after the request. Rejects with the signal's reason. */
function createDue({ clock, startedMs, speed, signal }: ReplayResponseOptions): Due {
  return async (atMs) => {
    signal?.throwIfAborted()
    if (speed === undefined) return
    const delayMs = startedMs + atMs / speed - clock.now()
    if (delayMs <= 0) return
    let timer: unknown
    let onAbort = () => {}
    try {
      await new Promise<void>((resolve, reject) => {
        onAbort = () => reject(signal?.reason)
        timer = clock.setTimeout(resolve, delayMs)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    } finally {
      clock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }
}
