import { createHash } from 'node:crypto'

import { canonicalJson } from '../canonical-json.ts'
import type { JsonObject } from '../json-object.ts'

/** Which model, and how the answer is delivered: no part of what is asked. */
const TRANSPORT: ReadonlySet<string> = new Set(['model', 'stream', 'stream_options'])

/** How the answer is found, not what is asked. */
const SAMPLING: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'max_completion_tokens',
  'seed',
  'user',
  'metadata',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'service_tier',
  'store',
])

/** The first 32 hexadecimal digits of a SHA-256 over the parts, each with a zero byte behind it. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 32)
}

/** The key of a request by what it holds, apart from model, delivery and sampling: for those that ask no conversation. */
export function bodyDigest(method: string, path: string, body: JsonObject): string {
  const asked = Object.entries(body).filter(([key]) => !TRANSPORT.has(key) && !SAMPLING.has(key))
  return digest(method, path, canonicalJson(Object.fromEntries(asked)))
}

/** A request's path without its escapes; `/` where there is none. */
export function decodedPath(url: URL): string {
  return url.pathname.replace(/(%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  )
}

/** A body as text; what is not UTF-8 in it becomes U+FFFD. */
export function bodyText(body: Uint8Array | string): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body)
}
