import type { Conversation } from '../conversation/conversation.ts'
import type { DecodedResponse } from './decoded-response.ts'

export type ProviderName = 'openai' | 'openai-responses' | 'anthropic' | 'gemini' | 'mistral'

/** A request to a model, as far as it can be understood without its headers. */
export interface ModelRequest {
  readonly method: string
  readonly url: string
  /** The body's text; empty where there is none. */
  readonly body: string
}

export interface BuildOptions {
  readonly model: string
  /** Sent in the provider's own header; left out when absent. */
  readonly apiKey?: string
  /** Instead of the provider's own, up to and including the version: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl?: string
  /** Default false. */
  readonly stream?: boolean
  /** The limit where the provider requires one and the conversation has none. Default 4096. */
  readonly defaultMaxTokens?: number
}

/** A request that is ready to be sent with POST. */
export interface BuiltRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** What of the conversation could not be carried over and does not change its meaning, a sentence each. */
  readonly notes: readonly string[]
}

/** All that is known of one provider's wire. Stateless. */
export interface Provider {
  readonly name: ProviderName
  /** Environment variables with the API key, the first that is set counts. */
  readonly apiKeyVariables: readonly string[]
  /** The conversation in a request's parsed body. Throws `UnsupportedRequestError`. */
  readConversation(body: unknown): Conversation
  /** Asks `conversation` of a model. Throws `UnsupportedRequestError` where that would change its meaning. */
  buildRequest(conversation: Conversation, options: BuildOptions): BuiltRequest
  /** Reads a JSON body. Throws `DecodeError`. */
  decodeJson(payload: unknown): DecodedResponse
  /** Reads a whole event stream, cut anywhere. Throws `DecodeError`. */
  decodeStream(chunks: Iterable<Uint8Array>): DecodedResponse
}
