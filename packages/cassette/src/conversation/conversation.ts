import type { ProviderName } from '../providers/provider.ts'

/** A tool that the model asks for, or has asked for earlier in the conversation. */
export interface ToolCall {
  /** What the tool's result refers to; null where the wire gives none (Gemini, some imports). */
  readonly id: string | null
  readonly name: string
  /** The parsed arguments, usually an object; their text as it came where it is not JSON. */
  readonly arguments: unknown
}

/** An image in a message: its address, or its bytes. */
export type Image =
  | { readonly type: 'image'; readonly url: string }
  | { readonly type: 'image'; readonly mediaType: string; readonly base64: string }

export type MessagePart = { readonly type: 'text'; readonly text: string } | Image

/** What a model thought before it answered, as the wire wants it back. Only its own provider can read it. */
export interface ThinkingBlock {
  readonly provider: ProviderName
  /** The block, verbatim. */
  readonly value: unknown
}

export interface UserMessage {
  readonly role: 'user'
  /** The text, that of all parts joined. */
  readonly content: string
  /** Text and images in their order; only where there are images. */
  readonly parts?: readonly MessagePart[]
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: string
  readonly toolCalls?: readonly ToolCall[]
  readonly thinking?: readonly ThinkingBlock[]
}

/** The result of one tool call. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly toolCallId: string | null
  readonly content: string
  readonly isError?: boolean
}

export type Message = UserMessage | AssistantMessage | ToolMessage

/** A function that the model may call. */
export interface ToolDefinition {
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments. */
  readonly parameters?: unknown
  /** The arguments are held to the schema. OpenAI only. */
  readonly isStrict?: boolean
}

/** Which tools the model may or must call. */
export type ToolChoice = 'auto' | 'required' | 'none' | { readonly name: string }

/** The form of the answer, where one was asked for. */
export type ResponseFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly name: string
      readonly schema: unknown
      readonly isStrict?: boolean
      readonly description?: string
    }

/** What was asked of a model, in no provider's own words: it can be asked of any other. */
export interface Conversation {
  /** The provider whose request it was read from; absent for one written by hand. */
  readonly provider?: ProviderName
  readonly system: string | null
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  readonly toolChoice?: ToolChoice
  /** False: at most one tool call an answer. */
  readonly allowsParallelToolCalls?: boolean
  readonly responseFormat?: ResponseFormat
  readonly temperature?: number
  /** The longest answer, in tokens. */
  readonly maxTokens?: number
  /** Texts that end the answer. */
  readonly stop?: readonly string[]
  /** Fields of the request that are not carried over: they say how to answer, not what is asked. */
  readonly dropped?: readonly string[]
}
