import { openaiResponses as dialect } from '@agent-stream/protocol/dialects/openai-responses'
import { jsonMessage, type Provider } from './provider.ts'
import { readResponsesConversation } from './responses-conversation.ts'
import { buildResponsesRequest } from './responses-request.ts'

/** OpenAI's Responses API, also of the others that offer it. */
export const openaiResponses: Provider = {
  name: 'openai-responses',
  dialect,
  isCacheIncluded: true,
  apiKeyVariables: ['OPENAI_API_KEY'],
  readConversation: readResponsesConversation,
  buildRequest: buildResponsesRequest,
  // A stream ends with the whole response.
  messagesOf: (response) =>
    response.object === 'response' || Array.isArray(response.output)
      ? [jsonMessage({ type: `response.${response.status ?? 'completed'}`, response })]
      : [],
}
