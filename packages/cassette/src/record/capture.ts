import type { Dialect } from '@agent-stream/protocol'

import { type Clock, systemClock } from '../clock.ts'
import {
  type CapturedChunk,
  type CapturedRequest,
  type CapturedResponse,
  type Exchange,
  type ExchangeEnd,
  type HeaderPair,
  headerValue,
} from '../exchange.ts'
import { hasEndMarker } from './end-marker.ts'
import { errorText } from './error-text.ts'
import { MODEL_DIALECTS } from './model-dialects.ts'

export interface CaptureOptions {
  /** Of a larger response nothing more is kept, and the recording is `truncated`, in bytes. Default 67,108,864 (64 MiB). */
  readonly maxResponseBytes?: number
  /** The wires whose streams say when they are over. Default: OpenAI's two and Anthropic's. */
  readonly dialects?: readonly Dialect[]
  readonly clock?: Clock
}

export const MAX_RESPONSE_BYTES = 2 ** 26

interface KnownEnd {
  /** Whether the stream came to what it ends with, where the caller has read it; undefined where nobody can tell. */
  readonly hasEndMarker?: boolean | undefined
}

/** Why nothing more comes: the source closed, the caller wants no more, or something broke. */
export type CaptureCause =
  | ({ readonly type: 'closed' } & KnownEnd)
  | ({ readonly type: 'aborted' } & KnownEnd)
  | { readonly type: 'error'; readonly error: unknown }

/** Said of bytes as they were sent; a capture's are decoded. */
const WIRE_HEADERS: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'transfer-encoding'])

/** One exchange while it happens. It starts when it is made; nothing that it does takes time. */
export class Capture {
  readonly #clock: Clock
  readonly #dialects: readonly Dialect[]
  readonly #maxResponseBytes: number
  readonly #request: CapturedRequest
  readonly #startedMs: number
  readonly #startedAt: string
  readonly #chunks: CapturedChunk[] = []
  #response: CapturedResponse | undefined
  #sizeBytes = 0
  #isTooLarge = false
  #exchange: Exchange | undefined

  constructor(request: CapturedRequest, options: CaptureOptions = {}) {
    const { clock = systemClock, dialects = MODEL_DIALECTS, maxResponseBytes = MAX_RESPONSE_BYTES } = options
    this.#clock = clock
    this.#dialects = dialects
    this.#maxResponseBytes = maxResponseBytes
    this.#request = request
    this.#startedMs = clock.now()
    this.#startedAt = new Date(clock.date()).toISOString()
  }

  get status(): number | undefined {
    return this.#response?.status
  }

  /** The response's head is there. */
  head(response: Omit<CapturedResponse, 'atMs'>): void {
    const headers = response.headers
      .map(([name, value]): HeaderPair => [name.toLowerCase(), value])
      .filter(([name]) => !WIRE_HEADERS.has(name))
    this.#response = { ...response, headers, atMs: this.#elapsedMs() }
  }

  /** Some of the body is there, decoded. The bytes are copied: their reader may take them away. */
  chunk(bytes: Uint8Array): void {
    if (this.#exchange || this.#isTooLarge || bytes.length === 0) return
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes > this.#maxResponseBytes) this.#isTooLarge = true
    else this.#chunks.push({ bytes: new Uint8Array(bytes), atMs: this.#elapsedMs() })
  }

  /** Ends it, unless it has ended. */
  end(cause: CaptureCause): Exchange {
    this.#exchange ??= {
      startedAt: this.#startedAt,
      request: this.#request,
      ...(this.#response && { response: this.#response }),
      chunks: this.#body(),
      end: this.#endOf(cause),
    }
    return this.#exchange
  }

  #endOf(cause: CaptureCause): ExchangeEnd {
    const atMs = this.#elapsedMs()
    const where = this.#response ? 'response' : 'request'
    if (cause.type === 'error') return { type: 'error', atMs, where, message: errorText(cause.error) }
    if (this.#isTooLarge) return { type: 'truncated', atMs, reason: 'too_large' }
    const hasEnded =
      'hasEndMarker' in cause ? cause.hasEndMarker : this.#hasEndMarker(cause.type === 'closed')
    // Whoever stops reading at the end marker has it all.
    if (cause.type === 'aborted' && !hasEnded) return { type: 'aborted', atMs, where }
    if (hasEnded === false) return { type: 'truncated', atMs, reason: 'no_end_marker' }
    return { type: 'complete', atMs }
  }

  #hasEndMarker(isClosed: boolean): boolean | undefined {
    if (!/^text\/event-stream\b/i.test(this.#contentType())) return undefined
    const bodies = this.#chunks.map(({ bytes }) => bytes)
    return hasEndMarker(bodies, isClosed, this.#dialects)
  }

  /** How the network cut a JSON body says nothing: it is one chunk, there when its last byte was. */
  #body(): readonly CapturedChunk[] {
    const last = this.#chunks.at(-1)
    if (!last || this.#chunks.length === 1 || !/[/+]json\b/i.test(this.#contentType())) return this.#chunks
    return [{ bytes: Buffer.concat(this.#chunks.map(({ bytes }) => bytes)), atMs: last.atMs }]
  }

  #contentType(): string {
    return headerValue(this.#response?.headers ?? [], 'content-type') ?? ''
  }

  #elapsedMs(): number {
    return this.#clock.now() - this.#startedMs
  }
}
