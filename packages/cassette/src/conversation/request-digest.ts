import { canonicalJson, parseExactly } from '../canonical-json.ts'
import type { JsonObject } from '../json-object.ts'
import { sha256 } from '../key/digest.ts'

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
  return sha256(parts.map((part) => `${part}\0`).join('')).slice(0, 32)
}

/** A request's body without its model, and how the answer is delivered. */
export function withoutTransport(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !TRANSPORT.has(key)))
}

/** The key of a request by what it holds, apart from model, delivery and sampling: for those that ask no conversation. */
export function bodyDigest(method: string, path: string, body: JsonObject): string {
  const asked = Object.entries(withoutTransport(body)).filter(([key]) => !SAMPLING.has(key))
  return digest(method, path, canonicalJson(Object.fromEntries(asked)))
}

/** A request's path without its escapes, as httpx gives it. */
export function decodedPath({ pathname }: URL): string {
  const decode = (escapes: string) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString()
  return pathname.replace(/(%[0-9a-f]{2})+/gi, decode)
}

/** A body as text; what is not UTF-8 in it becomes U+FFFD. */
export function bodyText(body: Uint8Array | string): string {
  return typeof body === 'string' ? body : new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
}

/** A body's value by `parseExactly`; undefined where it is no JSON, and for null, which Python's None is none for. */
export function parseBody(text: string): unknown {
  try {
    return parseExactly(text.replace(/^\ufeff/, '')) ?? undefined
  } catch {
    return undefined
  }
}
