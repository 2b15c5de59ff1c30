import type { CapturedRequest } from '../exchange.ts'
import { describeRequest } from '../providers/describe-request.ts'
import { providerOfRequest } from './provider-name.ts'
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

export async function requestFacts(request: CapturedRequest): Promise<RequestFacts> {
  const url = new URL(request.url)
  const { wire, model, isStreaming } = describeRequest(request)
  const body = await readRequestBody(request)
  return {
    provider: providerOfRequest(url.hostname, wire),
    model: model ?? formField(body, 'model'),
    method: request.method.toUpperCase(),
    path: url.pathname,
    query: [...url.searchParams].sort(byName),
    isStreamed: isStreaming || formField(body, 'stream') === 'true',
    body,
  }
}

function formField(body: RequestBody, name: string): string | undefined {
  const part = body.type === 'form' ? body.parts.find((each) => each.name === name) : undefined
  return part && 'text' in part ? part.text : undefined
}

/** Stable: values of the same name keep their order. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
