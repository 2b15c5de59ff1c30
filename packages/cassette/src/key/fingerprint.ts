import { canonicalJson, parseExactly } from '../canonical-json.ts'
import type { CapturedRequest } from '../exchange.ts'
import { isObject } from '../json-object.ts'
import { sha256 } from './digest.ts'
import { idText } from './id-text.ts'
import { providerOfHost } from './provider-name.ts'

/** What agentrec 1.0 finds a request by (its `SEMANTIC_KEY_VERSION` 1). */
export interface Fingerprint {
  readonly provider: string
  readonly model: string | null
  readonly cassetteId: string
  /** Groups the same conversation asked of several models: 32 hexadecimal digits. */
  readonly semanticKey: string
}

/**
 * The conversation in a request's body, as agentrec has it: `{system, messages, tools?, tool_choice?}` without the ids
 * of calls; undefined where its provider cannot be asked for one.
 */
export type ExtractConversation = (provider: string, body: Readonly<Record<string, unknown>>) => unknown

const NOT_REPLAYED: ReadonlySet<string> = new Set(['stream', 'stream_options', 'model'])
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

/** agentrec's fingerprint, digit for digit. Neither the query nor headers nor `stream` are part of it. */
export function fingerprint(request: CapturedRequest, extract?: ExtractConversation): Fingerprint {
  const { hostname, pathname } = new URL(request.url)
  const method = request.method.toUpperCase()
  const path = decodedPath(pathname)
  const provider = providerOfHost(hostname)
  const { body, canonical, semantic } = canonicalBody(request.body)
  const model = body?.model ?? null
  const conversation = body && extract?.(provider, body)
  const semanticKey = conversation
    ? digest('conversation', canonicalJson(conversation))
    : digest(method, path, semantic)
  const name = typeof model === 'string' && model !== '' ? model : 'unknown'
  const hash = digest(method, path, pythonText(model), canonical)
  return {
    provider,
    model: typeof model === 'string' ? model : null,
    cassetteId: `${idText(provider)}_${idText(name)}_${hash.slice(0, 16)}`,
    semanticKey: semanticKey.slice(0, 32),
  }
}

interface CanonicalBody {
  readonly body?: Readonly<Record<string, unknown>>
  readonly canonical: string
  /** The same, without what only tunes the sampling. */
  readonly semantic: string
}

function canonicalBody(bytes: Uint8Array): CanonicalBody {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  let value: unknown
  try {
    value = parseExactly(text)
  } catch {
    return { canonical: text, semantic: text }
  }
  // As a body that is not JSON.
  if (value === null) return { canonical: text, semantic: text }
  if (!isObject(value)) return { canonical: canonicalJson(value), semantic: canonicalJson(value) }
  const replayed = pick(value, (name) => !NOT_REPLAYED.has(name))
  const semantic = pick(replayed, (name) => !SAMPLING.has(name))
  return { body: value, canonical: canonicalJson(replayed), semantic: canonicalJson(semantic) }
}

function pick(record: Readonly<Record<string, unknown>>, isWanted: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(record).filter(([name]) => isWanted(name)))
}

/** Each part is followed by a zero byte. */
function digest(...parts: readonly string[]): string {
  return sha256(parts.map((part) => `${part}\0`).join(''))
}

/** Python's `str()`, of what a model may be. */
function pythonText(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return canonicalJson(value)
}

/** httpx gives the path without its escapes. */
function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
