import { withCallIds } from '../conversation/call-ids.ts'
import type {
  AssistantMessage,
  Conversation,
  Image,
  Message,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
  UserMessage,
} from '../conversation/conversation.ts'
import { argumentsObject } from '../conversation/tool-arguments.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { defined, isObject, type JsonObject } from '../json-object.ts'
import { carriedTemperature, endpoint, isOwn, notesOn } from './carry-over.ts'
import type { BuildOptions, BuiltRequest } from './provider.ts'

const BASE_URL = 'https://generativelanguage.googleapis.com/v1beta'
const MODES = { auto: 'AUTO', required: 'ANY', none: 'NONE' } as const

/** Asks a conversation by Gemini's `generateContent`, or streamed as server-sent events. */
export function buildGeminiRequest(
  conversation: Conversation,
  { model, apiKey, baseUrl = BASE_URL, stream = false }: BuildOptions,
): BuiltRequest {
  const { system, tools = [], toolChoice, maxTokens, stop, allowsParallelToolCalls } = conversation
  const temperature = carriedTemperature(conversation, 'gemini', true)
  const config = defined({
    maxOutputTokens: maxTokens,
    temperature,
    stopSequences: stop,
    ...formatFields(conversation.responseFormat),
  })
  const body = defined({
    contents: contents(withCallIds(conversation.messages)),
    systemInstruction: system ? { parts: [{ text: system }] } : undefined,
    ...(tools.length > 0 && {
      tools: [{ functionDeclarations: tools.map(declaration) }],
      toolConfig: toolConfig(toolChoice),
    }),
    generationConfig: Object.keys(config).length > 0 ? config : undefined,
  })
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  const sent = { temperature, stop: true, thinking: isOwn(conversation, 'gemini') }
  const notes = notesOn(conversation, 'gemini', sent)
  if (allowsParallelToolCalls === false) notes.push('Gemini cannot be held to one tool call an answer')
  return {
    url: endpoint(baseUrl, `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:${method}`),
    headers: { 'content-type': 'application/json', ...(apiKey && { 'x-goog-api-key': apiKey }) },
    body,
    notes,
  }
}

function formatFields(format: ResponseFormat | undefined): JsonObject {
  if (format === undefined) return {}
  const schema = format.type === 'json_schema' ? { responseJsonSchema: format.schema } : undefined
  return { responseMimeType: 'application/json', ...schema }
}

function toolConfig(choice: ToolChoice | undefined): unknown {
  if (choice === undefined) return undefined
  if (typeof choice === 'object')
    return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [choice.name] } }
  return { functionCallingConfig: { mode: MODES[choice] } }
}

function declaration({ name, description, parameters }: ToolDefinition): JsonObject {
  return defined({ name, description, parametersJsonSchema: parameters })
}

/** Messages of alternating roles. Results are linked to calls by the tool's name: this API has no ids. */
function contents(messages: readonly Message[]): readonly JsonObject[] {
  const names = new Map<string | null, string>()
  const turns: { role: 'user' | 'model'; parts: JsonObject[] }[] = []
  for (const message of messages) {
    if (message.role === 'assistant') for (const { id, name } of message.toolCalls ?? []) names.set(id, name)
    const role = message.role === 'assistant' ? 'model' : 'user'
    const parts = partsOf(message, names)
    const last = turns.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else turns.push({ role, parts: [...parts] })
  }
  return turns
}

function partsOf(message: Message, names: ReadonlyMap<string | null, string>): readonly JsonObject[] {
  switch (message.role) {
    case 'user':
      return userParts(message)
    case 'assistant':
      return modelParts(message)
    case 'tool': {
      const name = names.get(message.toolCallId) ?? message.toolCallId ?? 'tool'
      return [{ functionResponse: { name, response: { content: message.content } } }]
    }
  }
}

function userParts({
  content,
  parts = [{ type: 'text', text: content }],
}: UserMessage): readonly JsonObject[] {
  return parts.map((part) => (part.type === 'text' ? { text: part.text } : imagePart(part)))
}

function imagePart(image: Image): JsonObject {
  if ('url' in image) return unsupported('Gemini takes the bytes of an image, and this one is an address')
  return { inlineData: { mimeType: image.mediaType, data: image.base64 } }
}

function modelParts({ content, toolCalls = [], thinking = [] }: AssistantMessage): readonly JsonObject[] {
  const thoughts = thinking.flatMap(({ provider, value }) =>
    provider === 'gemini' && isObject(value) ? [value] : [],
  )
  const calls = toolCalls.map((call) => ({ functionCall: { name: call.name, args: argumentsObject(call) } }))
  const hasText = content !== '' || toolCalls.length === 0
  return [...thoughts, ...(hasText ? [{ text: content }] : []), ...calls]
}
