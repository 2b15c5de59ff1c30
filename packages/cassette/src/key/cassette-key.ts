import { createScrubber } from '@agent-stream/protocol/scrub'

import { canonicalJson } from '../canonical-json.ts'
import { type CapturedRequest, headerValue } from '../exchange.ts'
import { isObject } from '../json-object.ts'
import { scrubParameter } from '../scrub/secret-query.ts'
import { sha256 } from './digest.ts'
import { idText } from './id-text.ts'
import { parseIgnored, without } from './ignore-path.ts'
import type { RequestBody } from './request-body.ts'
import { requestFacts } from './request-facts.ts'

/** What a request is found by. */
export interface CassetteKey {
  /** 1: the fingerprints of agentrec's corpora. */
  readonly version: 1 | 2
  /** `openai`, `anthropic`, …; the host of one that is not known. */
  readonly provider: string
  readonly model?: string
  /** SHA-256 in hexadecimal. */
  readonly hash: string
}

export interface KeyOptions {
  /**
   * What does not tell two requests apart: `body.metadata.request_id`, `body.messages[*].id`, `query.api-version`,
   * `path`. Default: nothing.
   */
  readonly ignore?: readonly string[]
  /** Headers that do: `anthropic-beta`. Default: none. */
  readonly headers?: readonly string[]
}

/** All that the key of a request is made of, without its secrets: JSON, where numbers are as `parseExactly` has them. */
export interface KeyFields {
  readonly provider: string
  readonly model?: string
  readonly method?: string
  readonly path?: string
  readonly query?: readonly (readonly [string, string])[]
  readonly headers?: Readonly<Record<string, string>>
  readonly stream: boolean
  readonly body?: unknown
}

/**
 * The key does not depend on secrets, nor on what else a cassette scrubs: whoever replays has another API key, and may
 * scrub more. So the secrets that are known are taken out here, whatever the options say.
 */
const scrubber = createScrubber()

/** Rejects with `TypeError` for options that are none. */
export async function keyFields(request: CapturedRequest, options: KeyOptions = {}): Promise<KeyFields> {
  const facts = await requestFacts(request)
  const ignored = (options.ignore ?? []).map(parseIgnored)
  const isIgnored = (place: string, name: string) => ignored.some(([p, n]) => p === place && n === name)
  const headers = (options.headers ?? [])
    .map((name) => name.toLowerCase())
    .filter((name) => !isIgnored('header', name))
    .flatMap((name) => {
      const value = headerValue(request.headers, name)
      return value === undefined ? [] : [[name, scrubber.field(name, value)] as const]
    })
  const query = facts.query
    .filter(([name]) => !isIgnored('query', name))
    .map(([name, value]) => [name, scrubParameter(name, value, scrubber)] as const)
  const { model, isStreamed } = facts
  return {
    provider: facts.provider,
    ...(model !== undefined && { model: scrubber.text(model) }),
    ...(!ignored.some(([place]) => place === 'method') && { method: facts.method }),
    ...(!ignored.some(([place]) => place === 'path') && { path: scrubber.text(facts.path) }),
    ...(query.length > 0 && { query }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    stream: isStreamed,
    ...bodyField(
      facts.body,
      ignored.filter(([place]) => place === 'body').map(([, ...path]) => path),
    ),
  }
}

function bodyField(body: RequestBody, ignored: readonly (readonly string[])[]): Pick<KeyFields, 'body'> {
  switch (body.type) {
    case 'none':
      return {}
    case 'json': {
      const left = ignored.reduce(without, body.value)
      // Whether the answer is streamed has its own field: `"stream": false` is what an absent one means.
      return { body: scrubber.json(isObject(left) ? without(left, ['stream']) : left) }
    }
    case 'text':
      return { body: scrubber.text(body.text) }
    case 'form':
      return { body: scrubber.json(body.parts) }
    case 'binary':
      return { body: { sha256: body.sha256 } }
  }
}

export function cassetteKeyOf(fields: KeyFields): CassetteKey {
  const { provider, model } = fields
  return { version: 2, provider, ...(model && { model }), hash: sha256(canonicalJson(fields)) }
}

/** `openai_gpt-4o_1f2e3d4c5b6a7988`. */
export function cassetteIdOf({ provider, model, hash }: CassetteKey): string {
  return `${idText(provider)}_${idText(model ?? 'unknown')}_${hash.slice(0, 16)}`
}
