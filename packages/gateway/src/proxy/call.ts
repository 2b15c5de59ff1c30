import type { GatewayErrorCode } from './gateway-error.ts'
import type { RawHeaders } from './raw-headers.ts'
import type { Target } from './target.ts'

/** A request on its way to an API. */
export interface CallRequest {
  readonly id: string
  readonly target: Target
  readonly method: string
  /** Path and query, as the API is asked. */
  readonly path: string
  /** As the API gets them. */
  readonly headers: RawHeaders
  /** Absent: it has none. */
  readonly body?: AsyncIterable<Uint8Array>
}

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly headers: RawHeaders
}

/** How a call ended: the API's answer is whole, its client left, or something broke. */
export type CallOutcome = 'complete' | 'aborted' | 'error'

export interface CallEnd {
  readonly outcome: CallOutcome
  /** What went wrong, unless all went well. */
  readonly code?: GatewayErrorCode
  readonly message?: string
}

/** Looks at a call as it passes. Nothing that it does may wait or throw. */
export interface CallTap {
  requestChunk(chunk: Uint8Array): void
  responseHead(head: ResponseHead): void
  /** A chunk that was handed on. */
  responseChunk(chunk: Uint8Array): void
  /** The client takes no more for now, or takes more again. */
  clientStalled(isStalled: boolean): void
  end(end: CallEnd): void
}

/** Whoever asked. */
export interface CallClient {
  head(head: ResponseHead): void
  /** False: it takes no more until it calls `resume`. */
  chunk(chunk: Uint8Array): boolean
  end(trailers: RawHeaders): void
  /** Nothing was answered yet. */
  refuse(code: number, body: string): void
  /** Part of the answer was sent, and the rest will not come: it must not look like an end. */
  break(): void
}
