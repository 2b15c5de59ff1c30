import type { Conversation } from '../conversation/conversation.ts'
import { UnsupportedRequestError } from '../conversation/unsupported-request-error.ts'
import type { BuiltRequest, Provider } from '../providers/provider.ts'

/** The model that is to take the baseline's place, and how it is reached. */
export interface TargetModel {
  readonly model: string
  readonly provider: Provider
  readonly apiKey?: string
  /** Instead of the provider's own, up to and including the version. */
  readonly baseUrl?: string
  /** The longest answer where the prompt says nothing, in tokens. Default 4096. */
  readonly maxTokens?: number
}

export type TargetRequest =
  | { readonly type: 'request'; readonly request: BuiltRequest }
  | { readonly type: 'skipped'; readonly reason: string }

/** The same conversation for the target, streamed; or why it cannot be asked there. */
export function targetRequest(conversation: Conversation, target: TargetModel): TargetRequest {
  const { model, provider, apiKey, baseUrl, maxTokens } = target
  try {
    const request = provider.buildRequest(conversation, {
      model,
      stream: true,
      ...(apiKey !== undefined && { apiKey }),
      ...(baseUrl !== undefined && { baseUrl }),
      ...(maxTokens !== undefined && { defaultMaxTokens: maxTokens }),
    })
    return { type: 'request', request }
  } catch (error) {
    if (!(error instanceof UnsupportedRequestError)) throw error
    return { type: 'skipped', reason: `unsupported request: ${error.message}` }
  }
}
