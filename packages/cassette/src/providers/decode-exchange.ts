import type { Conversation } from '../conversation/conversation.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { bodyBytes, type Exchange, headerValue } from '../exchange.ts'
import { type DecodedResponse, DecodeError } from './decoded-response.ts'
import { describeRequest } from './describe-request.ts'
import type { ModelRequest, Provider } from './provider.ts'
import { PROVIDERS, providerForRequest } from './providers.ts'
import { decodeJson, decodeStream } from './read-answer.ts'

/** The conversation that a request asks. Throws `UnsupportedRequestError`. */
export function conversationOf(request: ModelRequest): Conversation {
  const { wire, body } = describeRequest(request)
  if (wire === null)
    return unsupported(`${request.method} ${pathOf(request.url)} is no request to a known model API`)
  return PROVIDERS[wire].readConversation(body)
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url
}

/**
 * The answer that was recorded, streamed or not. Throws `DecodeError` where there is none. `provider` is whose wire it
 * is where the request does not tell.
 */
export function decodeExchange(
  exchange: Exchange,
  provider: Provider | null = providerForRequest(exchange.request),
): DecodedResponse {
  const { response, end } = exchange
  if (!provider) throw new DecodeError('The request is to no model API that is known')
  if (!response) throw new DecodeError(`There is no response: the request ended in ${end.type}`)
  const { status, headers } = response
  const body = bodyBytes(exchange)
  if (status < 200 || status > 299) throw new DecodeError(`The response has the status ${status}`)
  const decoded = isEventStream(headerValue(headers, 'content-type'), body)
    ? decodeStream(provider, [body])
    : decodeJson(provider, new TextDecoder().decode(body))
  return end.type === 'complete' ? decoded : { ...decoded, isTruncated: true }
}

/** By its content type, or by its first characters where imports have kept none. */
function isEventStream(contentType: string | undefined, body: Uint8Array): boolean {
  if (contentType !== undefined) return /^text\/event-stream\b/i.test(contentType.trim())
  return /^\ufeff?\s*(:|data:|event:|id:|retry:)/.test(new TextDecoder().decode(body.subarray(0, 64)))
}

/** When an exchange's answer began and ended, in milliseconds from the request's start. */
export interface AnswerTimes {
  /** Null where no byte of the body came. */
  readonly firstByteMs: number | null
  readonly totalMs: number
}

export function answerTimes({ chunks, end }: Exchange): AnswerTimes {
  return { firstByteMs: chunks[0]?.atMs ?? null, totalMs: end.atMs }
}
