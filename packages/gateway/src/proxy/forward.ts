import type { Clock } from '@agent-stream/server'
import type { Dispatcher } from 'undici'

import type { CallClient, CallRequest, CallTap } from './call.ts'
import { GatewayError } from './gateway-error.ts'
import { endToEndHeaders, type RawHeaders } from './raw-headers.ts'
import type { DispatchHandler, Upstream } from './upstream.ts'
import { upstreamError } from './upstream-error.ts'

export interface ForwardOptions {
  readonly request: CallRequest
  readonly client: CallClient
  readonly tap: CallTap
  readonly upstream: Upstream
  readonly clock: Clock
  /** How long a client may take nothing of what waits for it, in milliseconds; 0: for ever. */
  readonly clientStallTimeoutMs: number
  readonly onEnd: () => void
}

type Controller = Dispatcher.DispatchController

/** A call between its client and an API. Bytes go on in the tick in which they come, and only as fast as they are taken. */
export class ForwardedCall {
  readonly #options: ForwardOptions
  #controller: Controller | undefined
  #hasHead = false
  #hasEnded = false
  #stallTimer: unknown

  constructor(options: ForwardOptions) {
    this.#options = options
  }

  start(): void {
    const { request, upstream } = this.#options
    try {
      upstream.dispatch(request, this.#handler())
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The client takes more. */
  resume(): void {
    if (this.#stallTimer === undefined) return
    this.#endStall()
    this.#options.tap.clientStalled(false)
    this.#controller?.resume()
  }

  /** Ends the call before its time: its client has left, or the gateway ends. */
  abort(error: GatewayError): void {
    if (this.#hasEnded) return
    this.#finish(() =>
      this.#options.tap.end({ outcome: 'aborted', code: error.code, message: error.message }),
    )
    this.#answerFailure(error)
    this.#controller?.abort(error)
  }

  #handler(): DispatchHandler {
    return {
      onRequestStart: (controller) => {
        this.#controller = controller
        if (this.#hasEnded) controller.abort(new GatewayError('client_closed', 'The client has left'))
      },
      onResponseStart: (controller, status, _headers, statusText = '') => {
        // 1xx: the answer itself is still to come.
        if (this.#hasEnded || status < 200) return
        this.#head(status, statusText, rawPairs(controller.rawHeaders))
      },
      onResponseData: (controller, chunk) => {
        if (!this.#hasEnded) this.#chunk(controller, chunk)
      },
      onResponseEnd: (controller) => this.#complete(rawPairs(controller.rawTrailers)),
      onResponseError: (_controller, error) => this.#fail(error),
    }
  }

  #head(status: number, statusText: string, headers: RawHeaders): void {
    const head = { status, statusText, headers: endToEndHeaders(headers) }
    this.#options.client.head(head)
    this.#hasHead = true
    this.#options.tap.responseHead(head)
  }

  #chunk(controller: Controller, chunk: Uint8Array): void {
    const { client, tap } = this.#options
    const takesMore = client.chunk(chunk)
    tap.responseChunk(chunk)
    if (!takesMore) this.#stall(controller)
  }

  /** What comes now stays where it is: in the API's connection. */
  #stall(controller: Controller): void {
    if (this.#stallTimer !== undefined) return
    controller.pause()
    const { clock, clientStallTimeoutMs, tap } = this.#options
    const giveUp = () => this.abort(new GatewayError('client_stalled', 'The client takes nothing any more'))
    this.#stallTimer = clientStallTimeoutMs > 0 ? clock.setTimeout(giveUp, clientStallTimeoutMs) : NO_TIMER
    tap.clientStalled(true)
  }

  #endStall(): void {
    if (this.#stallTimer !== undefined && this.#stallTimer !== NO_TIMER)
      this.#options.clock.clearTimeout(this.#stallTimer)
    this.#stallTimer = undefined
  }

  #complete(trailers: RawHeaders): void {
    if (this.#hasEnded) return
    const { client, tap } = this.#options
    client.end(endToEndHeaders(trailers))
    this.#finish(() => tap.end({ outcome: 'complete' }))
  }

  #fail(cause: unknown): void {
    if (this.#hasEnded) return
    const error = upstreamError(cause)
    const outcome = error.code === 'client_closed' ? 'aborted' : 'error'
    this.#answerFailure(error)
    this.#finish(() => this.#options.tap.end({ outcome, code: error.code, message: error.message }))
  }

  #answerFailure(error: GatewayError): void {
    const { client } = this.#options
    if (this.#hasHead) client.break()
    else client.refuse(error.status, error.body)
  }

  #finish(tell: () => void): void {
    this.#hasEnded = true
    this.#endStall()
    tell()
    this.#options.onEnd()
  }
}

const NO_TIMER = Symbol('no timer')

function rawPairs(raw: Controller['rawHeaders']): RawHeaders {
  // Of HTTP/1.1 there are always buffers, names and values in turn.
  return Array.isArray(raw)
    ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
    : []
}
