import { openaiChat } from '@agent-stream/protocol/dialects/openai-chat'
import { type JsonObject, objectOr } from '../json-object.ts'
import { wireCallId } from './carry-over.ts'
import { readChatConversation } from './chat-conversation.ts'
import { buildChatRequest, type ChatSpeech } from './chat-request.ts'
import { isOpenaiReasoningModel } from './models.ts'
import { jsonMessage, type Provider } from './provider.ts'

const SPEECH: ChatSpeech = {
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  required: 'required',
  callId: (id) => wireCallId(id, /^.{1,40}$/, 'call_', 24),
  isReasoningModel: isOpenaiReasoningModel,
  streamFields: { stream: true, stream_options: { include_usage: true } },
}

/** OpenAI's chat completions, also of Azure and the many others that offer them. */
export const openai: Provider = {
  name: 'openai',
  dialect: openaiChat,
  isCacheIncluded: true,
  apiKeyVariables: ['OPENAI_API_KEY'],
  readConversation: (body) => readChatConversation(body, 'openai'),
  buildRequest: (conversation, options) => buildChatRequest(SPEECH, conversation, options),
  // A body is whole: a choice that does not say why it ends has ended.
  messagesOf: (body) => [
    jsonMessage({ ...body, ...(Array.isArray(body.choices) && { choices: body.choices.map(ended) }) }),
  ],
}

function ended(choice: unknown): JsonObject {
  return { ...objectOr(choice), finish_reason: objectOr(choice).finish_reason ?? 'stop' }
}
