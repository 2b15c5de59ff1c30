import { parseExactly } from '../canonical-json.ts'
import { type CapturedRequest, headerValue } from '../exchange.ts'
import { sha256 } from './digest.ts'

/** What a request's body says, without what differs between two that say the same. */
export type RequestBody =
  | { readonly type: 'none' }
  /** A value of `parseExactly`. */
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'form'; readonly parts: readonly FormPart[] }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'binary'; readonly sha256: string; readonly sizeBytes: number }

/** A part of a form. A file has its content's hash. */
type FormPart =
  | { readonly name: string; readonly text: string }
  | {
      readonly name: string
      readonly file: string
      readonly type: string
      readonly sha256: string
      readonly sizeBytes: number
    }

/** Reads a body by its content and, for forms, by its content type. What cannot be read is binary. */
export async function readRequestBody({ body, headers }: CapturedRequest): Promise<RequestBody> {
  if (body.length === 0) return { type: 'none' }
  const type = headerValue(headers, 'content-type') ?? ''
  if (/^multipart\/form-data|^application\/x-www-form-urlencoded/i.test(type)) {
    const parts = await formParts(body, type)
    if (parts) return { type: 'form', parts }
  }
  const text = utf8(body)
  if (text === undefined) return { type: 'binary', sha256: sha256(body), sizeBytes: body.length }
  return readJson(text) ?? { type: 'text', text }
}

/** The text of bytes that are UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function readJson(text: string): RequestBody | undefined {
  try {
    return { type: 'json', value: parseExactly(text) }
  } catch {
    return undefined
  }
}

/** The boundary between the parts is random: two forms are the same if their parts are. */
async function formParts(body: Uint8Array, contentType: string): Promise<readonly FormPart[] | undefined> {
  let form: FormData
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    return undefined
  }
  const parts = [...form].map(async ([name, value]): Promise<FormPart> => {
    if (typeof value === 'string') return { name, text: value }
    const bytes = new Uint8Array(await value.arrayBuffer())
    return { name, file: value.name, type: value.type, sha256: sha256(bytes), sizeBytes: bytes.length }
  })
  return Promise.all(parts)
}
