import type { CapturedChunk, CapturedRequest, CapturedResponse, Exchange, ExchangeEnd } from '../exchange.ts'
import { isObject } from '../json-object.ts'
import type { CassetteKey } from '../key/cassette-key.ts'
import { utf8 } from '../key/request-body.ts'
import { bytesOf, byteText } from './byte-text.ts'
import type { Cassette } from './cassette-store.ts'

/** The layout's version: the value of `cassette`, the first field. */
const CASSETTE_VERSION = 2

/**
 * The file of a cassette: JSON that is read from top to bottom and compared line by line. First what it is, then what
 * was asked, then what was answered, a chunk a line.
 */
export function cassetteText({ id, occurrence, key, exchange, metadata }: Cassette): string {
  const { startedAt, request, response, chunks, end } = exchange
  const head = {
    cassette: CASSETTE_VERSION,
    id,
    occurrence,
    ...(key && { key }),
    recorded_at: startedAt,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    request: requestJson(request),
    ...(response && { response: responseJson(response) }),
  }
  const lines = chunks.map(({ bytes, atMs }) => JSON.stringify({ at_ms: round(atMs), ...byteText(bytes) }))
  const { type, atMs, ...more } = end
  const tail = JSON.stringify({ type, at_ms: round(atMs), ...more })
  const list = lines.length > 0 ? `[\n    ${lines.join(',\n    ')}\n  ]` : '[]'
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "chunks": ${list},\n  "end": ${tail}\n}\n`
}

function requestJson({ method, url, headers, body }: CapturedRequest) {
  return { method, url, headers: headersJson(headers), ...(body.length > 0 && { body: bodyJson(body) }) }
}

function responseJson({ status, statusText, headers, url, isRedirected, atMs }: CapturedResponse) {
  return {
    status,
    ...(statusText && { status_text: statusText }),
    at_ms: round(atMs),
    ...(url && { url }),
    ...(isRedirected && { redirected: true }),
    headers: headersJson(headers),
  }
}

/** A value or, of a header that came more than once, a list. */
function headersJson(
  headers: CapturedRequest['headers'],
): Readonly<Record<string, string | readonly string[]>> {
  const values = new Map<string, string | readonly string[]>()
  for (const [name, value] of headers) {
    const known = values.get(name)
    values.set(name, known === undefined ? value : [known, value].flat())
  }
  return Object.fromEntries(values)
}

/** JSON as JSON, where that gives the same bytes back. */
function bodyJson(body: Uint8Array): unknown {
  const text = utf8(body)
  if (text !== undefined && /^[{[]/.test(text)) {
    try {
      const json: unknown = JSON.parse(text)
      if (JSON.stringify(json) === text) return { json }
    } catch {
      // It is kept as text.
    }
  }
  return byteText(body)
}

/** In microseconds: more says nothing. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** Whether it is of this layout; another version of it, too. */
export function isCassetteJson(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && 'cassette' in value
}

/** What to say of a cassette that another version of this package has written: it is whole, and not for this one. */
export function otherVersion({ cassette }: Readonly<Record<string, unknown>>): string | undefined {
  if (cassette === CASSETTE_VERSION) return undefined
  const advice = Number(cassette) > CASSETTE_VERSION ? ': update @agent-stream/cassette' : ''
  return `its layout is ${JSON.stringify(cassette)}; this version reads ${CASSETTE_VERSION}${advice}`
}

/** Throws `TypeError`, which says what is wrong, for what is no cassette of this version. */
export function parseCassette(json: Readonly<Record<string, unknown>>): Cassette {
  const key = json.key === undefined ? undefined : (record(json, 'key') as unknown as CassetteKey)
  const exchange: Exchange = {
    startedAt: text(json, 'recorded_at'),
    request: parseRequest(record(json, 'request')),
    ...(json.response !== undefined && { response: parseResponse(record(json, 'response')) }),
    chunks: list(json, 'chunks').map(parseChunk),
    end: parseEnd(record(json, 'end')),
  }
  const occurrence = number(json, 'occurrence')
  const metadata = json.metadata === undefined ? {} : record(json, 'metadata')
  return { id: text(json, 'id'), occurrence, ...(key && { key }), exchange, metadata }
}

type Json = Readonly<Record<string, unknown>>

function parseRequest(json: Json): CapturedRequest {
  const url = text(json, 'url')
  if (!URL.canParse(url)) throw new TypeError('"request.url" is no URL')
  return {
    method: text(json, 'method'),
    url,
    headers: parseHeaders(record(json, 'headers')),
    body: parseBody(json.body),
  }
}

function parseBody(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array(0)
  return isObject(body) && 'json' in body ? Buffer.from(JSON.stringify(body.json)) : bytesOf(body)
}

function parseResponse(json: Json): CapturedResponse {
  return {
    status: number(json, 'status'),
    statusText: json.status_text === undefined ? '' : text(json, 'status_text'),
    headers: parseHeaders(record(json, 'headers')),
    url: json.url === undefined ? '' : text(json, 'url'),
    isRedirected: json.redirected === true,
    atMs: number(json, 'at_ms'),
  }
}

function parseHeaders(json: Json): CapturedRequest['headers'] {
  return Object.entries(json).flatMap(([name, value]) =>
    [value].flat().map((item): readonly [string, string] => [name, String(item)]),
  )
}

function parseChunk(json: unknown): CapturedChunk {
  if (!isObject(json)) throw new TypeError('a chunk is no object')
  return { bytes: bytesOf(json), atMs: number(json, 'at_ms') }
}

const ENDS: ReadonlySet<unknown> = new Set(['complete', 'truncated', 'aborted', 'error'])

function parseEnd(json: Json): ExchangeEnd {
  if (!ENDS.has(json.type)) throw new TypeError(`"end.type" is ${JSON.stringify(json.type)}`)
  const { at_ms: _, ...end } = json
  // Its type was looked at; what else an end has is for people.
  return { ...end, atMs: number(json, 'at_ms') } as unknown as ExchangeEnd
}

function text(json: Json, field: string): string {
  const value = json[field]
  if (typeof value !== 'string') throw new TypeError(`"${field}" is no text`)
  return value
}

function number(json: Json, field: string): number {
  const value = json[field]
  if (typeof value !== 'number') throw new TypeError(`"${field}" is no number`)
  return value
}

function record(json: Json, field: string): Json {
  const value = json[field]
  if (!isObject(value)) throw new TypeError(`"${field}" is no object`)
  return value
}

function list(json: Json, field: string): readonly unknown[] {
  const value = json[field]
  if (!Array.isArray(value)) throw new TypeError(`"${field}" is no list`)
  return value
}
