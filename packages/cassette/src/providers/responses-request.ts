import { withCallIds } from '../conversation/call-ids.ts'
import type {
  AssistantMessage,
  Conversation,
  Message,
  ResponseFormat,
  UserMessage,
} from '../conversation/conversation.ts'
import { imageUrl } from '../conversation/message-parts.ts'
import { argumentsText } from '../conversation/tool-arguments.ts'
import { defined, isObject, type JsonObject } from '../json-object.ts'
import { carriedTemperature, endpoint, isOwn, notesOn, systemForJsonMode } from './carry-over.ts'
import { chatFunction, schemaFields } from './chat-request.ts'
import { isOpenaiReasoningModel } from './models.ts'
import type { BuildOptions, BuiltRequest } from './provider.ts'

const BASE_URL = 'https://api.openai.com/v1'

/** Asks a conversation by OpenAI's Responses. The provider is told to keep nothing of it. */
export function buildResponsesRequest(
  conversation: Conversation,
  { model, apiKey, baseUrl = BASE_URL, stream = false }: BuildOptions,
): BuiltRequest {
  const { tools = [], toolChoice, maxTokens } = conversation
  const system = systemForJsonMode(conversation)
  const temperature = carriedTemperature(conversation, 'openai-responses', !isOpenaiReasoningModel(model))
  const body = defined({
    model,
    instructions: system || undefined,
    input: withCallIds(conversation.messages).flatMap(items),
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({ type: 'function', ...chatFunction(tool) })),
      tool_choice: typeof toolChoice === 'object' ? { type: 'function', ...toolChoice } : toolChoice,
      parallel_tool_calls: conversation.allowsParallelToolCalls,
    }),
    max_output_tokens: maxTokens,
    temperature,
    text: textFormat(conversation.responseFormat),
    store: false,
    stream: stream || undefined,
  })
  return {
    url: endpoint(baseUrl, '/responses'),
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body,
    notes: notesOn(conversation, 'openai-responses', {
      temperature,
      stop: false,
      thinking: isOwn(conversation, 'openai-responses'),
    }),
  }
}

function items(message: Message): readonly JsonObject[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: userContent(message) }]
    case 'assistant':
      return assistantItems(message)
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.toolCallId, output: message.content }]
  }
}

function userContent({ content, parts }: UserMessage): unknown {
  if (!parts) return content
  return parts.map((part) =>
    part.type === 'text'
      ? { type: 'input_text', text: part.text }
      : { type: 'input_image', image_url: imageUrl(part) },
  )
}

function assistantItems({ content, toolCalls = [], thinking = [] }: AssistantMessage): readonly JsonObject[] {
  const calls = toolCalls.map((call) => ({
    type: 'function_call',
    call_id: call.id,
    name: call.name,
    arguments: argumentsText(call),
  }))
  // Without its encrypted content, a thought is only a reference to what the provider may have kept.
  const thoughts = thinking.flatMap(({ provider, value }) =>
    provider === 'openai-responses' && isObject(value) && value.encrypted_content ? [value] : [],
  )
  const hasText = content !== '' || toolCalls.length === 0
  return [...thoughts, ...(hasText ? [{ role: 'assistant', content }] : []), ...calls]
}

function textFormat(format: ResponseFormat | undefined): unknown {
  if (format === undefined) return undefined
  return {
    format: format.type === 'json_schema' ? { type: 'json_schema', ...schemaFields(format) } : format,
  }
}
