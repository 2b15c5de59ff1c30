import { readGeminiConversation } from './gemini-conversation.ts'
import { buildGeminiRequest } from './gemini-request.ts'
import { geminiGenerateContent } from './gemini-stream.ts'
import { jsonMessage, type Provider } from './provider.ts'

/** Google's Gemini API, also as Vertex AI has it. */
export const gemini: Provider = {
  name: 'gemini',
  dialect: geminiGenerateContent,
  isCacheIncluded: true,
  apiKeyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  readConversation: readGeminiConversation,
  buildRequest: buildGeminiRequest,
  messagesOf: (body) => [jsonMessage(body)],
}
