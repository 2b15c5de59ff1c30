import { type JsonObject, objectOr } from '../json-object.ts'
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
  // A body is whole: a candidate that does not say why it ends has ended.
  messagesOf: (body) => [
    jsonMessage({
      ...body,
      ...(Array.isArray(body.candidates) && { candidates: body.candidates.map(ended) }),
    }),
  ],
}

function ended(candidate: unknown): JsonObject {
  return { finishReason: 'STOP', ...objectOr(candidate) }
}
