import { HttpError } from './http-error.ts'

export interface RequestBody {
  readonly text: string
  readonly value: unknown
}

/** The request's JSON body, of at most `maxBytes`. Whatever is wrong with it is the client's error. */
export async function readBody(request: Request, maxBytes: number): Promise<RequestBody> {
  const contentType = request.headers.get('content-type') ?? 'none'
  if (!/^application\/json *(;|$)/i.test(contentType)) {
    // Not only a formality: a page of another site can send any other type without asking first.
    const message = `Expected a body of type application/json, received ${excerpt(contentType)}`
    throw new HttpError('unsupported_media_type', message)
  }
  const text = await readText(request, maxBytes)
  const value = parse(text)
  if (isTooDeep(value, MAX_DEPTH)) {
    throw new HttpError('invalid_request', `Expected JSON that is nested ${MAX_DEPTH} deep at most`)
  }
  return { text, value }
}

/** What is deeper, `JSON.parse` reads, and nothing can write again. */
const MAX_DEPTH = 500

function isTooDeep(value: unknown, room: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return room === 0 || Object.values(value).some((inner) => isTooDeep(inner, room - 1))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError('invalid_request', `Expected a body of JSON, received ${excerpt(text) || 'nothing'}`)
  }
}

/** The body as a JSON object. */
export async function readObject(
  request: Request,
  maxBytes: number,
): Promise<Readonly<Record<string, unknown>>> {
  const { text, value } = await readBody(request, maxBytes)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new HttpError('invalid_request', `Expected a JSON object, received ${excerpt(text)}`)
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new HttpError('body_too_large', `The body is larger than ${maxBytes} bytes`, {
      // What is left of it is not read: the connection cannot be used again.
      headers: { Connection: 'close' },
    })
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge()
  if (request.bodyUsed) throw new TypeError('The body was read before: authorize may read request.clone()')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  try {
    for (const reader = request.body?.getReader(); reader; ) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.byteLength
      if (size > maxBytes) {
        await reader.cancel()
        throw tooLarge()
      }
      text += decoder.decode(value, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (error instanceof HttpError) throw error
    throw new HttpError('invalid_request', 'The body broke off, or is not UTF-8')
  }
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
