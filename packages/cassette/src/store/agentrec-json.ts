import type { Dialect } from '@agent-stream/protocol'

import { type CapturedChunk, type ExchangeEnd, type HeaderPair, headerValue } from '../exchange.ts'
import { isObject } from '../json-object.ts'
import { fingerprint } from '../key/fingerprint.ts'
import { utf8 } from '../key/request-body.ts'
import { hasEndMarker } from '../record/end-marker.ts'
import type { Cassette } from './cassette-store.ts'
import { decompress } from './decompress.ts'

type Json = Readonly<Record<string, unknown>>

/** Whether it is a cassette of agentrec, of any version. */
export function isAgentrecJson(value: unknown): value is Json {
  return (
    isObject(value) && isObject(value.request) && Array.isArray(value.chunks) && 'response_status' in value
  )
}

/**
 * A cassette of agentrec. Its streams were kept whatever ended them: one that lacks its end marker is `truncated`. Its
 * compressed bodies are decoded. Rejects with `TypeError`, which says what is wrong.
 */
export async function parseAgentrec(
  json: Json,
  id: string,
  occurrence: number,
  dialects: readonly Dialect[],
): Promise<Cassette> {
  const metadata = isObject(json.metadata) ? json.metadata : {}
  const request = json.request as Json
  const captured = {
    method: String(request.method).toUpperCase(),
    url: String(request.url),
    headers: headerPairs(request.headers),
    body: blob(request.content),
  }
  if (!URL.canParse(captured.url)) throw new TypeError('"request.url" is no URL')
  const headers = headerPairs(json.response_headers)
  const encoding = headerValue(headers, 'content-encoding') ?? 'identity'
  const { headMs, chunks } = timed(json.chunks as readonly unknown[], metadata)
  const body = isDecoded(chunks) ? chunks : await decompress(chunks, encoding)
  const status = Number(json.response_status)
  const { provider, model, cassetteId } = fingerprint(captured)
  return {
    id,
    occurrence,
    ...(cassetteId === id && {
      key: { version: 1, provider, ...(model && { model }), hash: id.slice(-16) },
    }),
    exchange: {
      startedAt: isoDate(metadata.recorded_at),
      request: captured,
      response: {
        status,
        statusText: reason(json.response_extensions),
        headers: headers.filter(([name]) => name !== 'content-encoding' && name !== 'content-length'),
        url: '',
        isRedirected: false,
        atMs: headMs,
      },
      chunks: body,
      end: endOf(body, headers, headMs, dialects),
    },
    metadata,
  }
}

/** Offsets are seconds from the response's head on; from the request's start where the metadata tell. */
function timed(list: readonly unknown[], metadata: Json): { headMs: number; chunks: CapturedChunk[] } {
  const raw = list.map((item) => {
    if (!isObject(item)) throw new TypeError('a chunk is no object')
    const offsetMs = Number(item.timestamp_offset ?? 0) * 1000
    if (!Number.isFinite(offsetMs)) throw new TypeError('a "timestamp_offset" is no number')
    return { bytes: blob(item.data), offsetMs }
  })
  const firstMs = Number(metadata.latency_first_chunk_s) * 1000
  const headMs = Math.max(0, Number.isFinite(firstMs) ? firstMs - (raw[0]?.offsetMs ?? 0) : 0)
  return { headMs, chunks: raw.map(({ bytes, offsetMs }) => ({ bytes, atMs: headMs + offsetMs })) }
}

/** A client that decodes on its own may have kept the header of what it decoded. */
function isDecoded(chunks: readonly CapturedChunk[]): boolean {
  return utf8(Buffer.concat(chunks.map(({ bytes }) => bytes))) !== undefined
}

function endOf(
  chunks: readonly CapturedChunk[],
  headers: readonly HeaderPair[],
  headMs: number,
  dialects: readonly Dialect[],
): ExchangeEnd {
  const atMs = chunks.at(-1)?.atMs ?? headMs
  const isStream = /^text\/event-stream\b/i.test(headerValue(headers, 'content-type') ?? '')
  const bodies = chunks.map(({ bytes }) => bytes)
  if (!isStream || hasEndMarker(bodies, true, dialects) !== false) return { type: 'complete', atMs }
  return { type: 'truncated', atMs, reason: 'no_end_marker' }
}

function headerPairs(value: unknown): readonly HeaderPair[] {
  if (!Array.isArray(value)) return []
  return value.map((pair: unknown): HeaderPair => {
    if (!Array.isArray(pair)) throw new TypeError('a header is no pair')
    return [
      Buffer.from(blob(pair[0])).toString('latin1').toLowerCase(),
      Buffer.from(blob(pair[1])).toString(),
    ]
  })
}

function blob(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  if (isObject(value) && typeof value.__b64__ === 'string') return Buffer.from(value.__b64__, 'base64')
  if (value === undefined || value === null) return new Uint8Array(0)
  throw new TypeError('a text is neither a string nor {"__b64__": …}')
}

function reason(extensions: unknown): string {
  const phrase = isObject(extensions) ? extensions.reason_phrase : undefined
  return isObject(phrase) && typeof phrase.__bytes__ === 'string' ? phrase.__bytes__ : ''
}

/** When nobody knows, the beginning of time: what is compared is older. */
function isoDate(value: unknown): string {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return new Date(Number.isNaN(ms) ? 0 : ms).toISOString()
}

/** The cassette in agentrec's layout. It has no place for how an exchange ended: only a complete one is written. */
export function agentrecText({ exchange, metadata }: Cassette): string {
  const { request, response, chunks, end, startedAt } = exchange
  const { provider, model, semanticKey } = fingerprint(request)
  const headMs = response?.atMs ?? 0
  const json = {
    metadata: {
      provider,
      model,
      semantic_key: semanticKey,
      semantic_key_version: 1,
      latency_first_chunk_s: seconds(chunks[0]?.atMs ?? headMs),
      latency_s: seconds(end.atMs),
      recorded_at: startedAt.replace('Z', '+00:00'),
      ...metadata,
    },
    request: {
      method: request.method,
      url: request.url,
      headers: request.headers.map(([name, value]) => [name, value]),
      content: blobJson(request.body),
    },
    response_status: response?.status ?? 0,
    response_headers: (response?.headers ?? []).map(([name, value]) => [name, value]),
    response_extensions: {
      http_version: { __bytes__: 'HTTP/1.1' },
      ...(response?.statusText && { reason_phrase: { __bytes__: response.statusText } }),
    },
    chunks: chunks.map(({ bytes, atMs }) => ({
      data: blobJson(bytes),
      timestamp_offset: seconds(atMs - headMs),
    })),
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function blobJson(bytes: Uint8Array): unknown {
  return utf8(bytes) ?? { __b64__: Buffer.from(bytes).toString('base64') }
}

function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1e6
}
