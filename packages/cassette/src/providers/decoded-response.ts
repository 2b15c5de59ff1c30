import type { ToolCall } from '../conversation/conversation.ts'
import type { ProviderName } from './provider.ts'
import type { TokenUsage } from './token-usage.ts'

/** What a model answered, whatever its provider's wire looks like, streamed or not. */
export interface DecodedResponse {
  readonly provider: ProviderName
  /** As the response names it; null where it does not. */
  readonly model: string | null
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly usage: TokenUsage | null
  /** In the provider's own word (`stop`, `end_turn`, `MAX_TOKENS`); null where none came. */
  readonly finishReason: string | null
  /** Why the model declined, where it says so apart from the text. */
  readonly refusal?: string
  readonly thinking?: string
  readonly isStreamed: boolean
  /** The answer is cut off: by the token limit, or since the stream ended before its end. */
  readonly isTruncated: boolean
}

/** A response that holds no answer: an error, another wire, a body that is damaged. The message says which. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}
