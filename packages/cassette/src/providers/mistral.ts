import { wireCallId } from './carry-over.ts'
import { readChatConversation } from './chat-conversation.ts'
import { buildChatRequest, type ChatSpeech } from './chat-request.ts'
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

const SPEECH: ChatSpeech = {
  name: 'mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  required: 'any',
  // It takes no other ids.
  callId: (id) => wireCallId(id, /^[A-Za-z0-9]{9}$/, '', 9),
  isReasoningModel: () => false,
  // Its streams end with their usage without being asked to.
  streamFields: { stream: true },
}

/** Mistral's chat completions: OpenAI's with other words in places. */
export const mistral: Provider = {
  ...openai,
  name: 'mistral',
  apiKeyVariables: ['MISTRAL_API_KEY'],
  readConversation: (body) => readChatConversation(body, 'mistral'),
  buildRequest: (conversation, options) => buildChatRequest(SPEECH, conversation, options),
}
