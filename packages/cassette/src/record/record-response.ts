import type { Clock } from '../clock.ts'
import type { Exchange } from '../exchange.ts'
import { dressResponse } from '../seam/dress-response.ts'
import type { Capture, CaptureCause } from './capture.ts'

export interface RecordResponseOptions {
  readonly capture: Capture
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  /** Called once, when the exchange is over. */
  readonly onEnd: (exchange: Exchange) => void
}

/** What is read of a refused call's body that its caller does not want. */
const MAX_DRAINED_BYTES = 2 ** 20
const MAX_DRAIN_MS = 5000

/** The same response, whose body is captured as it is read: nothing is read before it is wanted, or kept back. */
export function recordResponse(source: Response, options: RecordResponseOptions): Response {
  const { capture, signal, onEnd } = options
  const { status, statusText, headers, url, redirected, type } = source
  capture.head({ status, statusText, headers: [...headers], url, isRedirected: redirected })
  if (!source.body) {
    onEnd(capture.end({ type: 'closed' }))
    return source
  }
  const end = endOnce((cause) => onEnd(capture.end(cause)), signal)
  const body = captureStream(source.body, capture, end, options)
  return dressResponse(new Response(body, { status, statusText, headers }), { url, redirected, type })
}

type End = (cause: CaptureCause) => void

/** An abort ends the exchange also when nobody reads. */
function endOnce(onEnd: End, signal: AbortSignal | undefined): End {
  let hasEnded = false
  const onAbort = () => end({ type: 'aborted' })
  const end: End = (cause) => {
    if (hasEnded) return
    hasEnded = true
    signal?.removeEventListener('abort', onAbort)
    onEnd(signal?.aborted ? { type: 'aborted' } : cause)
  }
  signal?.addEventListener('abort', onAbort)
  return end
}

function captureStream(
  source: ReadableStream<Uint8Array>,
  capture: Capture,
  end: End,
  { clock, signal }: RecordResponseOptions,
): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let result: ReadableStreamReadResult<Uint8Array>
        try {
          result = await reader.read()
        } catch (error) {
          end({ type: 'error', error })
          throw error
        }
        if (result.done) {
          end({ type: 'closed' })
          controller.close()
          return
        }
        capture.chunk(result.value)
        controller.enqueue(result.value)
      },
      async cancel(reason) {
        const isRefusal = (capture.status ?? 0) >= 400 && !signal?.aborted
        if (isRefusal) {
          // A client that tries again throws the body away, and whoever replays wants it.
          drain(reader, capture, clock).then(end)
          return
        }
        end({ type: 'aborted' })
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Reads the rest, which is short or given up. */
async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  capture: Capture,
  clock: Clock,
): Promise<CaptureCause> {
  let isGivenUp = false
  const giveUp = () => {
    isGivenUp = true
    reader.cancel().catch(() => undefined)
  }
  const timer = clock.setTimeout(giveUp, MAX_DRAIN_MS)
  try {
    for (let sizeBytes = 0; ; ) {
      const { done, value } = await reader.read()
      if (done) return { type: isGivenUp ? 'aborted' : 'closed' }
      sizeBytes += value.length
      if (sizeBytes > MAX_DRAINED_BYTES) giveUp()
      else capture.chunk(value)
    }
  } catch (error) {
    return { type: 'error', error }
  } finally {
    clock.clearTimeout(timer)
  }
}
