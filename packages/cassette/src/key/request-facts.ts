import type { CapturedRequest } from '../exchange.ts'
import { isRecord } from '../is-record.ts'
import { providerOfUrl } from './provider-name.ts'
import { type RequestBody, readRequestBody } from './request-body.ts'

/** What a request asks, of whom. */
export interface RequestFacts {
  readonly provider: string
  /** From the body, or from the path where the API has it there. */
  readonly model: string | undefined
  readonly method: string
  readonly path: string
  /** In the order of their names. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Whether the answer is to be streamed. */
  readonly isStreamed: boolean
  readonly body: RequestBody
}

/** Gemini, Bedrock, Azure. */
const MODEL_PATH = /\/(?:models|model|deployments)\/([^/:]+)/
const STREAM_PATH = /:stream|-stream$/i

export async function requestFacts(request: CapturedRequest): Promise<RequestFacts> {
  const url = new URL(request.url)
  const body = await readRequestBody(request)
  const fields = bodyFields(body)
  const model = typeof fields.model === 'string' ? fields.model : modelInPath(url.pathname)
  const isStreamed = fields.stream === true || fields.stream === 'true' || STREAM_PATH.test(url.pathname)
  return {
    provider: providerOfUrl(url),
    model,
    method: request.method.toUpperCase(),
    path: url.pathname,
    query: [...url.searchParams].sort(byName),
    isStreamed,
    body,
  }
}

function bodyFields(body: RequestBody): Readonly<Record<string, unknown>> {
  if (body.type === 'json' && isRecord(body.value)) return body.value
  if (body.type !== 'form') return {}
  return Object.fromEntries(body.parts.map((part) => [part.name, 'text' in part ? part.text : undefined]))
}

function modelInPath(path: string): string | undefined {
  const name = MODEL_PATH.exec(path)?.[1]
  if (name === undefined) return undefined
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Stable: values of the same name keep their order. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
