import type { Clock } from '../clock.ts'

/** A piece of a body, or a wait before the next. Text is sent as UTF-8. */
export type BodyStep = string | Uint8Array | { readonly waitMs: number }

/**
 * What becomes of the body after its last step: it is closed, it breaks as a lost connection does, or nothing
 * more happens.
 */
export type BodyEnd = 'close' | 'drop' | 'hang'

export interface ScriptedResponse {
  /** Default 200. */
  readonly status?: number
  /** Default `content-type: text/event-stream`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds until the headers are there. Default 0. */
  readonly headersAfterMs?: number
  /** Default none. */
  readonly body?: readonly BodyStep[]
  /** Default `close`. */
  readonly end?: BodyEnd
  /** The request itself fails, as it does without a network. */
  readonly networkError?: boolean
}

export interface RecordedRequest {
  readonly url: string
  readonly init: RequestInit
  readonly atMs: number
  /** The caller gave the request up. */
  readonly isAborted: boolean
}

export interface ScriptedFetch {
  readonly fetch: typeof fetch
  readonly requests: readonly RecordedRequest[]
}

/**
 * A `fetch` that answers its n-th call by the n-th script, and any further one as the network does that is gone.
 * Waits are on `clock`.
 */
export function scriptedFetch(responses: readonly ScriptedResponse[], clock: Clock): ScriptedFetch {
  const requests: RecordedRequest[] = []
  return {
    requests,
    async fetch(url, init = {}) {
      const script = responses[requests.length] ?? { networkError: true }
      const { signal } = init
      requests.push({
        url: String(url),
        init,
        atMs: clock.now(),
        get isAborted() {
          return signal?.aborted ?? false
        },
      })
      await wait(clock, script.headersAfterMs ?? 0, signal)
      if (script.networkError) throw new TypeError('fetch failed')
      const { status = 200, headers = { 'content-type': 'text/event-stream' } } = script
      const hasBody = status !== 204 && status !== 304
      return new Response(hasBody ? bodyStream(script, clock, signal) : null, { status, headers })
    },
  }
}

function bodyStream(
  { body = [], end = 'close' }: ScriptedResponse,
  clock: Clock,
  signal: AbortSignal | null | undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next = 0
  return new ReadableStream({
    start(controller) {
      signal?.addEventListener('abort', () => controller.error(abortError()))
    },
    async pull(controller) {
      for (let step = body[next++]; step !== undefined; step = body[next++]) {
        if (typeof step === 'object' && 'waitMs' in step) {
          await wait(clock, step.waitMs, signal)
        } else {
          controller.enqueue(typeof step === 'string' ? encoder.encode(step) : step)
          return
        }
      }
      if (end === 'close') controller.close()
      else if (end === 'drop') controller.error(new TypeError('terminated'))
      else await new Promise(() => {})
    },
  })
}

function wait(clock: Clock, ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(abortError())
  if (ms === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clock.clearTimeout(timer)
      reject(abortError())
    })
  })
}

function abortError(): DOMException {
  return new DOMException('This operation was aborted', 'AbortError')
}
