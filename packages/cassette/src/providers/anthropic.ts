import { anthropicMessages } from '@agent-stream/protocol/dialects/anthropic-messages'
import { listOr } from '../json-object.ts'
import { readAnthropicConversation } from './anthropic-conversation.ts'
import { buildAnthropicRequest } from './anthropic-request.ts'
import { jsonMessage, type Provider } from './provider.ts'

/** Anthropic's Messages API, also of those who offer it under another address. */
export const anthropic: Provider = {
  name: 'anthropic',
  dialect: anthropicMessages,
  isCacheIncluded: false,
  apiKeyVariables: ['ANTHROPIC_API_KEY'],
  readConversation: readAnthropicConversation,
  buildRequest: buildAnthropicRequest,
  messagesOf({ content, stop_reason, stop_details, ...message }) {
    const blocks = listOr(content).flatMap((content_block, index) => [
      jsonMessage({ type: 'content_block_start', index, content_block }),
      jsonMessage({ type: 'content_block_stop', index }),
    ])
    if (message.type !== 'message') return []
    return [
      jsonMessage({ type: 'message_start', message }),
      ...blocks,
      jsonMessage({ type: 'message_delta', delta: { stop_reason, stop_details } }),
      jsonMessage({ type: 'message_stop' }),
    ]
  },
}
