import type { Scrubber } from '@agent-stream/protocol/scrub'

import {
  type CapturedChunk,
  type CapturedRequest,
  type CapturedResponse,
  type Exchange,
  type ExchangeEnd,
  type HeaderPair,
  headerValue,
} from '../exchange.ts'
import { scrubBody } from './scrub-body.ts'
import { scrubUrl } from './scrub-url.ts'

/** The exchange without secrets, in its URLs, headers, bodies and error: the same parts where there are none. */
export function scrubExchange(exchange: Exchange, scrubber: Scrubber): Exchange {
  const { response, request, chunks, end } = exchange
  return {
    ...exchange,
    request: scrubRequest(request, scrubber),
    ...(response && { response: scrubResponse(response, scrubber) }),
    chunks: scrubChunks(chunks, response, scrubber),
    end: scrubEnd(end, scrubber),
  }
}

export function scrubRequest(request: CapturedRequest, scrubber: Scrubber): CapturedRequest {
  const { url, headers, body } = request
  const [scrubbed = body] = scrubBody([body], headerValue(headers, 'content-type') ?? '', scrubber)
  return {
    ...request,
    url: scrubUrl(url, scrubber),
    headers: scrubHeaders(headers, scrubber),
    body: scrubbed,
  }
}

function scrubResponse(response: CapturedResponse, scrubber: Scrubber): CapturedResponse {
  const { url, headers, statusText } = response
  return {
    ...response,
    url: scrubUrl(url, scrubber),
    headers: scrubHeaders(headers, scrubber),
    statusText: scrubber.text(statusText),
  }
}

/** A redirect's target has parameters like any URL. */
function scrubHeaders(headers: readonly HeaderPair[], scrubber: Scrubber): readonly HeaderPair[] {
  return headers.map(([name, value]) => {
    const scrubbed = scrubber.field(name, value)
    return [
      name,
      /^(?:location|content-location|referer)$/.test(name) ? scrubUrl(scrubbed, scrubber) : scrubbed,
    ]
  })
}

function scrubChunks(
  chunks: readonly CapturedChunk[],
  response: CapturedResponse | undefined,
  scrubber: Scrubber,
): readonly CapturedChunk[] {
  const contentType = headerValue(response?.headers ?? [], 'content-type') ?? ''
  const bodies = scrubBody(
    chunks.map(({ bytes }) => bytes),
    contentType,
    scrubber,
  )
  return chunks.map((chunk, i) => ({ ...chunk, bytes: bodies[i] as Uint8Array }))
}

function scrubEnd(end: ExchangeEnd, scrubber: Scrubber): ExchangeEnd {
  return end.type === 'error' ? { ...end, message: scrubber.text(end.message) } : end
}
