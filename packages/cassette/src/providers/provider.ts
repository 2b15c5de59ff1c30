import type { Dialect, SseMessage } from '@agent-stream/protocol'
import type { Conversation } from '../conversation/conversation.ts'
import type { JsonObject } from '../json-object.ts'

export type ProviderName = 'openai' | 'openai-responses' | 'anthropic' | 'gemini' | 'mistral'

/** A request to a model, as far as it can be understood without its headers. */
export interface ModelRequest {
  readonly method: string
  readonly url: string
  /** JSON, as bytes or text; empty where there is none. */
  readonly body: Uint8Array | string
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
  /** Who reads its event streams. */
  readonly dialect: Dialect
  /** Whether the input tokens that it reports include those that caches had or were given. */
  readonly isCacheIncluded: boolean
  /** Environment variables with the API key, the first that is set counts. */
  readonly apiKeyVariables: readonly string[]
  /** The conversation in a request's parsed body. Throws `UnsupportedRequestError`. */
  readConversation(body: unknown): Conversation
  /** Asks `conversation` of a model. Throws `UnsupportedRequestError` where that would change its meaning. */
  buildRequest(conversation: Conversation, options: BuildOptions): BuiltRequest
  /** An answer that came as one JSON body, as the messages of a stream that says the same. */
  messagesOf(payload: JsonObject): readonly SseMessage[]
}

/** A JSON value as the data of a stream's message. */
export function jsonMessage(data: JsonObject): SseMessage {
  return { id: undefined, data: JSON.stringify(data) }
}
