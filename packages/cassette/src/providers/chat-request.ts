import { withCallIds } from '../conversation/call-ids.ts'
import type {
  AssistantMessage,
  Conversation,
  Message,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
  UserMessage,
} from '../conversation/conversation.ts'
import { imageUrl } from '../conversation/message-parts.ts'
import { argumentsText } from '../conversation/tool-arguments.ts'
import { defined, type JsonObject } from '../json-object.ts'
import { carriedTemperature, endpoint, notesOn, systemForJsonMode } from './carry-over.ts'
import type { BuildOptions, BuiltRequest, ProviderName } from './provider.ts'

/** In what the providers that speak chat completions differ. */
export interface ChatSpeech {
  readonly name: ProviderName
  readonly baseUrl: string
  /** The word for a tool choice that requires a call. */
  readonly required: 'required' | 'any'
  callId(id: string): string
  /** Whether the model takes `max_completion_tokens` for `max_tokens`, and no temperature. */
  isReasoningModel(model: string): boolean
  /** The fields that make it stream, its usage included. */
  readonly streamFields: JsonObject
}

/** Asks a conversation by chat completions. */
export function buildChatRequest(
  speech: ChatSpeech,
  conversation: Conversation,
  { model, apiKey, baseUrl = speech.baseUrl, stream = false }: BuildOptions,
): BuiltRequest {
  const { tools = [], maxTokens, stop } = conversation
  const reasons = speech.isReasoningModel(model)
  const system = systemForJsonMode(conversation)
  const temperature = carriedTemperature(conversation, speech.name, !reasons)
  const messages = withCallIds(conversation.messages).map((message) => chatMessage(speech, message))
  const body = defined({
    model,
    messages: system ? [{ role: 'system', content: system }, ...messages] : messages,
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({ type: 'function', function: chatFunction(tool) })),
      tool_choice: chatToolChoice(speech, conversation.toolChoice),
      parallel_tool_calls: conversation.allowsParallelToolCalls,
    }),
    [reasons ? 'max_completion_tokens' : 'max_tokens']: maxTokens,
    temperature,
    stop: reasons ? undefined : stop,
    response_format: chatFormat(conversation.responseFormat),
    ...(stream && speech.streamFields),
  })
  return {
    url: endpoint(baseUrl, '/chat/completions'),
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body,
    notes: notesOn(conversation, speech.name, { temperature, stop: !reasons, thinking: false }),
  }
}

function chatMessage(speech: ChatSpeech, message: Message): JsonObject {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: userContent(message) }
    case 'assistant':
      return assistantMessage(speech, message)
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: speech.callId(message.toolCallId ?? ''),
        content: message.content,
      }
  }
}

function userContent({ content, parts }: UserMessage): unknown {
  if (!parts) return content
  return parts.map((part) =>
    part.type === 'text' ? part : { type: 'image_url', image_url: { url: imageUrl(part) } },
  )
}

function assistantMessage(speech: ChatSpeech, { content, toolCalls = [] }: AssistantMessage): JsonObject {
  if (toolCalls.length === 0) return { role: 'assistant', content }
  return {
    role: 'assistant',
    ...(content && { content }),
    tool_calls: toolCalls.map((call) => ({
      id: speech.callId(call.id ?? ''),
      type: 'function',
      function: { name: call.name, arguments: argumentsText(call) },
    })),
  }
}

/** A function's definition, as chat completions and Responses write it. */
export function chatFunction({ name, description, parameters, isStrict }: ToolDefinition): JsonObject {
  return defined({ name, description, parameters, strict: isStrict })
}

function chatToolChoice({ required }: ChatSpeech, choice: ToolChoice | undefined): unknown {
  if (typeof choice === 'object') return { type: 'function', function: choice }
  return choice === 'required' ? required : choice
}

function chatFormat(format: ResponseFormat | undefined): unknown {
  if (format?.type !== 'json_schema') return format
  return { type: 'json_schema', json_schema: schemaFields(format) }
}

/** A schema that the answer has to keep, as chat completions and Responses write it. */
export function schemaFields(format: ResponseFormat & { readonly type: 'json_schema' }): JsonObject {
  const { name, schema, isStrict, description } = format
  return defined({ name, schema, strict: isStrict, description })
}
