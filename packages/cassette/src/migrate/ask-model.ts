import type { Dialect } from '@agent-stream/protocol'

import type { Clock } from '../clock.ts'
import { bodyBytes, type CapturedRequest, type Exchange, headerValue } from '../exchange.ts'
import type { BuiltRequest } from '../providers/provider.ts'
import { Capture } from '../record/capture.ts'
import { isRetried, MAX_RETRY_AFTER_MS, retryDelayMs } from './retry-delay.ts'

/** How models are asked. */
export interface AskOptions {
  readonly fetch: typeof fetch
  /** The wire of the answer, which tells whether it is whole. */
  readonly dialect: Dialect
  readonly clock: Clock
  /** [0, 1), for the waits between tries. */
  readonly random: () => number
  /** Tries after the first. Default 3. */
  readonly retries?: number
  /** Milliseconds without a byte after which a try has failed. Default 120,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

export type AskResult =
  | { readonly type: 'answer'; readonly exchange: Exchange; readonly notes: readonly string[] }
  /** `status`: of the answer, if there was one. */
  | { readonly type: 'failure'; readonly reason: string; readonly status?: number }

const MAX_RESPONSE_BYTES = 2 ** 26

/**
 * Asks once, and again where the API was busy or the network failed. An answer is complete and has the status 200.
 * Rejects with the signal's reason once that is aborted.
 */
export async function askModel(request: BuiltRequest, options: AskOptions): Promise<AskResult> {
  const { retries = 3, clock, random, signal } = options
  const notes: string[] = []
  for (let n = 1; ; n++) {
    const exchange = await exchangeOnce(request, options)
    signal?.throwIfAborted()
    const failure = failureOf(exchange)
    if (!failure) return { type: 'answer', exchange, notes }
    const { reason, status } = failure
    const retryAfter = headerValue(exchange.response?.headers ?? [], 'retry-after') ?? null
    const delayMs = retryDelayMs(n, retryAfter, clock.date(), random)
    const isPassing = status === undefined || isRetried(status)
    if (!isPassing || n > retries) return failureAfter(n, reason, status)
    if (delayMs > MAX_RETRY_AFTER_MS) {
      return failureAfter(n, `${reason}; it asks to wait for ${Math.round(delayMs / 1000)} s`, status)
    }
    notes.push(`asked again after ${status === undefined ? reason : `HTTP ${status}`} (${n} of ${retries})`)
    await sleep(delayMs, clock, signal)
  }
}

function failureAfter(tries: number, reason: string, status: number | undefined): AskResult {
  const said = tries > 1 ? `${reason} (after ${tries} tries)` : reason
  return { type: 'failure', reason: said, ...(status !== undefined && { status }) }
}

/** Never rejects: what broke is how the exchange ended. */
async function exchangeOnce(request: BuiltRequest, options: AskOptions): Promise<Exchange> {
  const { clock, dialect, timeoutMs = 120_000, signal } = options
  const body = JSON.stringify(request.body)
  const captured: CapturedRequest = {
    method: 'POST',
    url: request.url,
    headers: Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    body: new TextEncoder().encode(body),
  }
  const capture = new Capture(captured, { clock, dialects: [dialect], maxResponseBytes: MAX_RESPONSE_BYTES })
  const silence = new AbortController()
  const timeout = () => silence.abort(new DOMException(`no byte for ${timeoutMs / 1000} s`, 'TimeoutError'))
  let timer = clock.setTimeout(timeout, timeoutMs)
  const onBytes = () => {
    clock.clearTimeout(timer)
    timer = clock.setTimeout(timeout, timeoutMs)
  }
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal
  try {
    const init = {
      method: 'POST',
      headers: request.headers,
      body,
      signal: either,
      redirect: 'manual',
    } as const
    const response = await options.fetch(request.url, init)
    const { status, statusText, headers, url, redirected } = response
    capture.head({ status, statusText, headers: [...headers], url, isRedirected: redirected })
    onBytes()
    for await (const bytes of response.body ?? []) {
      capture.chunk(bytes)
      onBytes()
    }
    return capture.end({ type: 'closed' })
  } catch (error) {
    return capture.end({ type: 'error', error: either.aborted ? either.reason : error })
  } finally {
    clock.clearTimeout(timer)
  }
}

/** What is wrong with an exchange; undefined if it is an answer. */
function failureOf(exchange: Exchange): { readonly reason: string; readonly status?: number } | undefined {
  const { response, end } = exchange
  if (response && response.status !== 200) {
    const text = new TextDecoder().decode(bodyBytes(exchange).subarray(0, 300)).replace(/\s+/g, ' ').trim()
    return {
      reason: `the API answered with ${response.status}${text && `: ${text}`}`,
      status: response.status,
    }
  }
  if (end.type === 'complete') return undefined
  if (end.type === 'error') return { reason: `the connection failed: ${end.message}` }
  return { reason: 'the answer broke off' }
}

function sleep(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clock.clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
