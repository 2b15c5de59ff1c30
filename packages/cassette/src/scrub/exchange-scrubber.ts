import type { Scrubber, ScrubOptions } from '@agent-stream/protocol/scrub'

import type { CapturedRequest } from '../exchange.ts'
import type { CassetteKey } from '../key/cassette-key.ts'
import { cassetteText } from '../store/cassette-json.ts'
import type { Cassette } from '../store/cassette-store.ts'
import { createRequestScrubbers, requestSecrets } from './request-secrets.ts'
import { scrubExchange, scrubRequest } from './scrub-exchange.ts'

export interface ExchangeScrubber {
  /**
   * The cassette without secrets. Its id stays: `id` was asked when it was made. `scrubber`: its request's, where there
   * is one already.
   */
  scrub(cassette: Cassette, scrubber?: Scrubber): Cassette
  /** A caller's own id of a request, without secrets. */
  id(id: string, request: CapturedRequest): string
  request(request: CapturedRequest): CapturedRequest
  /**
   * Where secrets are left in a cassette: `request.headers.x-key`, `chunks[3]`. `original` is its request before it
   * was scrubbed, whose secrets are looked for in whatever form.
   */
  secretsIn(cassette: Cassette, original?: CapturedRequest): readonly string[]
}

/** Throws `TypeError` for options that are none. */
export function createExchangeScrubber(options: ScrubOptions = {}): ExchangeScrubber {
  const scrubberFor = createRequestScrubbers(options)

  function scrubWith(cassette: Cassette, scrubber: Scrubber): Cassette {
    return {
      ...cassette,
      ...(cassette.key && { key: scrubKey(cassette.key, scrubber) }),
      exchange: scrubExchange(cassette.exchange, scrubber),
      metadata: scrubber.json(cassette.metadata) as Cassette['metadata'],
    }
  }

  return {
    scrub: (cassette, scrubber) => scrubWith(cassette, scrubber ?? scrubberFor(cassette.exchange.request)),
    id: (id, request) => scrubberFor(request).text(id),
    request: (request) => scrubRequest(request, scrubberFor(request)),
    secretsIn(cassette, original = cassette.exchange.request) {
      const scrubber = scrubberFor(original)
      // Digits of a hash may look like anything.
      const id = cassette.key ? cassette.id : scrubber.text(cassette.id)
      const places = differences(cassette, { ...scrubWith(cassette, scrubber), id })
      const hidden = requestSecrets(original, scrubber).flatMap(encodings)
      const text = hidden.length > 0 ? cassetteText(cassette) : ''
      if (places.length === 0 && hidden.some((secret) => text.includes(secret))) return ['the file']
      return places
    },
  }
}

/** A model's name comes from the request, as everything else does. */
function scrubKey(key: CassetteKey, scrubber: Scrubber): CassetteKey {
  return key.model === undefined ? key : { ...key, model: scrubber.text(key.model) }
}

/** As it may stand in a URL, in a header, in what was sent along. */
function encodings(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]
}

/** The places in which two cassettes are not the same. */
function differences(a: Cassette, b: Cassette): readonly string[] {
  const places: string[] = []
  const compare = (place: string, left: unknown, right: unknown) => {
    if (left !== right) places.push(place)
  }
  const compareHeaders = (place: string, left: CapturedRequest['headers'] = [], right: typeof left = []) => {
    for (const [i, [name, value]] of left.entries()) compare(`${place}.${name}`, value, right[i]?.[1])
  }
  compare('id', a.id, b.id)
  compare('metadata', a.metadata, b.metadata)
  const [left, right] = [a.exchange, b.exchange]
  compare('request.url', left.request.url, right.request.url)
  compareHeaders('request.headers', left.request.headers, right.request.headers)
  compare('request.body', left.request.body, right.request.body)
  compare('response.url', left.response?.url, right.response?.url)
  compare('response.statusText', left.response?.statusText, right.response?.statusText)
  compareHeaders('response.headers', left.response?.headers, right.response?.headers)
  for (const [i, { bytes }] of left.chunks.entries()) compare(`chunks[${i}]`, bytes, right.chunks[i]?.bytes)
  if (left.end.type === 'error' && right.end.type === 'error') {
    compare('end.message', left.end.message, right.end.message)
  }
  return places
}
