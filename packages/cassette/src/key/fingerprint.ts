import { canonicalJson, isExactNumber } from '../canonical-json.ts'
import { bodyText, decodedPath, digest, parseBody, withoutTransport } from '../conversation/request-digest.ts'
import { semanticKeyV1 } from '../conversation/semantic-key-v1.ts'
import type { CapturedRequest } from '../exchange.ts'
import { isObject, type JsonObject } from '../json-object.ts'
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

/** agentrec's fingerprint, digit for digit. Neither the query nor headers nor `stream` are part of it. */
export function fingerprint(request: CapturedRequest): Fingerprint {
  const url = new URL(request.url)
  const provider = providerOfHost(url.hostname)
  const { body, canonical } = canonicalBody(request.body)
  const model = body?.model ?? null
  const name = typeof model === 'string' && model !== '' ? model : 'unknown'
  const hash = digest(request.method.toUpperCase(), decodedPath(url), pythonText(model), canonical)
  return {
    provider,
    model: typeof model === 'string' ? model : null,
    cassetteId: `${idText(provider)}_${idText(name)}_${hash.slice(0, 16)}`,
    semanticKey: semanticKeyV1(request),
  }
}

function canonicalBody(bytes: Uint8Array): { readonly body?: JsonObject; readonly canonical: string } {
  const text = bodyText(bytes)
  const value = parseBody(text)
  if (value === undefined) return { canonical: text }
  if (!isObject(value) || isExactNumber(value)) return { canonical: canonicalJson(value) }
  return { body: value, canonical: canonicalJson(withoutTransport(value)) }
}

/** Python's `str()`, of what a model may be. */
function pythonText(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return canonicalJson(value)
}
