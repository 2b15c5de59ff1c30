import { randomUUID } from 'node:crypto'
import type { Clock } from '@agent-stream/server'

import type { CallClient, CallRequest, CallTap } from './call.ts'
import { isSecret } from './client-key.ts'
import { ForwardedCall } from './forward.ts'
import { GatewayError } from './gateway-error.ts'
import { endToEndHeaders, headerValue, type RawHeaders } from './raw-headers.ts'
import { requestBody, tooLarge } from './request-body.ts'
import { destinationOf, type Target } from './target.ts'
import type { Upstream } from './upstream.ts'

/** Has the client's key, where the gateway asks for one. */
const KEY_HEADER = 'x-agent-stream-key'
/** `off`: this call is not recorded. */
export const RECORD_HEADER = 'x-agent-stream-record'

/** An id under which `agent-stream doctor` asks for the call. */
export const PROBE_HEADER = 'x-agent-stream-probe'

/** For the gateway alone, or for one hop: the API gets its own. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  'host',
  'expect',
  'trailer',
  KEY_HEADER,
  RECORD_HEADER,
  PROBE_HEADER,
])

export interface SwitchboardOptions {
  readonly targets: readonly Target[]
  readonly upstream: Upstream
  readonly clock: Clock
  readonly clientKey: string | undefined
  readonly maxRequestBytes: number
  readonly clientStallTimeoutMs: number
  readonly tapFor: (request: CallRequest, received: ReceivedRequest) => CallTap
}

/** What a client asks for. */
export interface ReceivedRequest {
  readonly method: string
  /** The request target, as it was sent. */
  readonly target: string
  readonly headers: RawHeaders
  /** `1.0`, `1.1`. */
  readonly httpVersion: string
  /** Absent: none is announced. */
  readonly body?: AsyncIterable<Uint8Array>
}

/** Lets calls through to APIs, and knows those under way. */
export class Switchboard {
  readonly #options: SwitchboardOptions
  readonly #calls = new Set<ForwardedCall>()
  #onIdle: (() => void) | undefined

  constructor(options: SwitchboardOptions) {
    this.#options = options
  }

  get callsInFlight(): number {
    return this.#calls.size
  }

  /** What is wrong with a request, before its body is read. */
  refusal({ target, headers }: Pick<ReceivedRequest, 'target' | 'headers'>): GatewayError | undefined {
    const { clientKey, targets, maxRequestBytes } = this.#options
    if (clientKey !== undefined && !isSecret(headerValue(headers, KEY_HEADER), clientKey))
      return new GatewayError('unauthorized', `Send the gateway's key in the header ${KEY_HEADER}`)
    if (!destinationOf(target, targets))
      return new GatewayError('invalid_target', 'No API is behind this path of the gateway')
    const length = Number(headerValue(headers, 'content-length') ?? 0)
    return length > maxRequestBytes ? tooLarge(maxRequestBytes) : undefined
  }

  /** Starts a call. The client is answered whatever becomes of it, unless it leaves. */
  start(received: ReceivedRequest, client: CallClient): Pick<ForwardedCall, 'resume' | 'abort'> {
    const refusal = this.refusal(received)
    if (refusal) {
      client.refuse(refusal.status, refusal.body)
      return NO_CALL
    }
    const { upstream, clock, clientStallTimeoutMs } = this.#options
    const { request, tap } = this.#requestOf(received)
    const call = new ForwardedCall({
      request,
      client,
      tap,
      upstream,
      clock,
      clientStallTimeoutMs,
      onEnd: () => this.#ended(call),
    })
    this.#calls.add(call)
    call.start()
    return call
  }

  /** Resolves when no call is under way, after `drainMs` at the latest: those that are left are ended then. */
  async drain(drainMs: number): Promise<void> {
    if (this.#calls.size === 0) return
    const { clock } = this.#options
    const isIdle = new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    const timer = clock.setTimeout(() => {
      const error = new GatewayError('shutting_down', 'The gateway is shutting down')
      for (const call of this.#calls) call.abort(error)
    }, drainMs)
    await isIdle
    clock.clearTimeout(timer)
  }

  #requestOf(received: ReceivedRequest): { request: CallRequest; tap: CallTap } {
    const { method, target, headers, body } = received
    const { targets, tapFor, clock, maxRequestBytes, clientStallTimeoutMs } = this.#options
    // Held against the targets by `refusal`.
    const destination = destinationOf(target, targets) as NonNullable<ReturnType<typeof destinationOf>>
    const request = {
      id: randomUUID(),
      ...destination,
      method,
      headers: endToEndHeaders(headers, NOT_PASSED),
    }
    const tap = tapFor(request, received)
    if (!body) return { request, tap }
    const read = requestBody(body, {
      maxBytes: maxRequestBytes,
      stallTimeoutMs: clientStallTimeoutMs,
      clock,
      onChunk: (chunk) => tap.requestChunk(chunk),
    })
    return { request: { ...request, body: read }, tap }
  }

  #ended(call: ForwardedCall): void {
    this.#calls.delete(call)
    if (this.#calls.size === 0) this.#onIdle?.()
  }
}

const NO_CALL = { resume: () => undefined, abort: () => undefined }
