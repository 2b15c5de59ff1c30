/** One header. Names are in lower case; a header that came more than once stands more than once. */
export type HeaderPair = readonly [name: string, value: string]

export interface CapturedRequest {
  /** In upper case. */
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: readonly HeaderPair[]
  /** Empty where the request has no body. */
  readonly body: Uint8Array
}

/** The head of a response. */
export interface CapturedResponse {
  readonly status: number
  readonly statusText: string
  /** Without `content-encoding` and `content-length`: the chunks are decoded. */
  readonly headers: readonly HeaderPair[]
  /** Where it came from, behind all redirects; `''` where nobody said. */
  readonly url: string
  readonly isRedirected: boolean
  /** When it was there, in milliseconds from the request's start. */
  readonly atMs: number
}

/** What came at once of a response's body, decoded. A body that is JSON is one chunk. */
export interface CapturedChunk {
  readonly bytes: Uint8Array
  /** When it came, in milliseconds from the request's start. */
  readonly atMs: number
}

/** Where an exchange broke off: before the response's head was there, or in its body. */
export type BreakPlace = 'request' | 'response'

/** How an exchange ended, `atMs` milliseconds from the request's start. Only a complete one is ever an answer. */
export type ExchangeEnd =
  | { readonly type: 'complete'; readonly atMs: number }
  /** The body ended without a fault, before what its protocol ends with, or was larger than the limit. */
  | { readonly type: 'truncated'; readonly atMs: number; readonly reason: 'no_end_marker' | 'too_large' }
  /** The caller wanted no more. */
  | { readonly type: 'aborted'; readonly atMs: number; readonly where: BreakPlace }
  | { readonly type: 'error'; readonly atMs: number; readonly where: BreakPlace; readonly message: string }

/** A request and what came of it. */
export interface Exchange {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly request: CapturedRequest
  /** Absent where it broke off before. */
  readonly response?: CapturedResponse
  readonly chunks: readonly CapturedChunk[]
  readonly end: ExchangeEnd
}

/** The value of a header, those of a repeated one joined by `', '`; undefined where there is none. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | undefined {
  const values = headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  return values.length > 0 ? values.join(', ') : undefined
}

/** The whole body of a response. */
export function bodyBytes({ chunks }: Pick<Exchange, 'chunks'>): Uint8Array {
  return Buffer.concat(chunks.map(({ bytes }) => bytes))
}
