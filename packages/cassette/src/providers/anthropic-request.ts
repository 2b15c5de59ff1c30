import { withCallIds } from '../conversation/call-ids.ts'
import type {
  AssistantMessage,
  Conversation,
  Image,
  Message,
  ToolDefinition,
  UserMessage,
} from '../conversation/conversation.ts'
import { joinParagraphs } from '../conversation/request-fields.ts'
import { argumentsObject } from '../conversation/tool-arguments.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { defined, isObject, type JsonObject } from '../json-object.ts'
import { carriedTemperature, endpoint, isOwn, notesOn, wireCallId } from './carry-over.ts'
import { takesAnthropicTemperature } from './models.ts'
import type { BuildOptions, BuiltRequest } from './provider.ts'

const BASE_URL = 'https://api.anthropic.com/v1'
const API_VERSION = '2023-06-01'
const JSON_MODE = 'Respond with only a single JSON object. No prose, no markdown code fences.'
const DEFAULT_MAX_TOKENS = 4096

/** Asks a conversation by Anthropic's Messages. JSON mode, which it lacks, is asked for at the end of the system text. */
export function buildAnthropicRequest(conversation: Conversation, options: BuildOptions): BuiltRequest {
  const { model, apiKey, baseUrl = BASE_URL, stream = false, defaultMaxTokens = DEFAULT_MAX_TOKENS } = options
  const { tools = [], maxTokens, stop } = conversation
  const temperature = carriedTemperature(conversation, 'anthropic', takesAnthropicTemperature(model))
  const isThinkingOwn = isOwn(conversation, 'anthropic')
  const body = defined({
    model,
    max_tokens: maxTokens ?? defaultMaxTokens,
    system: systemText(conversation) || undefined,
    messages: alternating(withCallIds(conversation.messages)),
    ...(tools.length > 0 && { tools: tools.map(toolOf), tool_choice: toolChoice(conversation) }),
    temperature,
    stop_sequences: stop,
    output_config: outputConfig(conversation),
    stream: stream || undefined,
  })
  return {
    url: endpoint(baseUrl, '/messages'),
    headers: {
      'content-type': 'application/json',
      'anthropic-version': API_VERSION,
      ...(apiKey && { 'x-api-key': apiKey }),
    },
    body,
    notes: [
      ...notesOn(conversation, 'anthropic', { temperature, stop: true, thinking: isThinkingOwn }),
      ...(conversation.responseFormat?.type === 'json_object'
        ? ['JSON is asked for in the system text']
        : []),
    ],
  }
}

function systemText({ system, responseFormat }: Conversation): string | null {
  return responseFormat?.type === 'json_object' ? joinParagraphs(system, JSON_MODE) : system
}

function outputConfig({ provider, responseFormat }: Conversation): unknown {
  if (responseFormat?.type !== 'json_schema') return undefined
  if (provider !== 'anthropic') unsupported('Anthropic does not hold every answer to a JSON schema')
  return { format: { type: 'json_schema', schema: responseFormat.schema } }
}

function toolChoice({ toolChoice: choice, allowsParallelToolCalls }: Conversation): unknown {
  const serial = allowsParallelToolCalls === false ? { disable_parallel_tool_use: true } : undefined
  if (choice === 'none') return { type: 'none' }
  if (typeof choice === 'object') return { type: 'tool', name: choice.name, ...serial }
  if (choice === 'required') return { type: 'any', ...serial }
  return choice === 'auto' || serial ? { type: 'auto', ...serial } : undefined
}

function toolOf({ name, description, parameters }: ToolDefinition): JsonObject {
  // The schema is required here; none means that the tool takes anything.
  return defined({ name, description, input_schema: parameters ?? { type: 'object' } })
}

/** Messages of alternating roles: what follows one of the same role is added to it. */
function alternating(messages: readonly Message[]): readonly JsonObject[] {
  const turns: { role: 'user' | 'assistant'; content: JsonObject[] }[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...blocksOf(message))
    else turns.push({ role, content: [...blocksOf(message)] })
  }
  return turns.map(({ role, content }) => {
    const [block] = content
    const isPlain = content.length === 1 && block?.type === 'text'
    return { role, content: isPlain ? block.text : content }
  })
}

function blocksOf(message: Message): readonly JsonObject[] {
  switch (message.role) {
    case 'user':
      return userBlocks(message)
    case 'assistant':
      return assistantBlocks(message)
    case 'tool':
      return [
        defined({
          type: 'tool_result',
          tool_use_id: callId(message.toolCallId ?? ''),
          content: message.content,
          is_error: message.isError,
        }),
      ]
  }
}

function userBlocks({
  content,
  parts = [{ type: 'text', text: content }],
}: UserMessage): readonly JsonObject[] {
  return parts.map((part) => (part.type === 'text' ? { type: 'text', text: part.text } : imageBlock(part)))
}

function imageBlock(image: Image): JsonObject {
  if ('url' in image) return { type: 'image', source: { type: 'url', url: image.url } }
  return { type: 'image', source: { type: 'base64', media_type: image.mediaType, data: image.base64 } }
}

function assistantBlocks({
  content,
  toolCalls = [],
  thinking = [],
}: AssistantMessage): readonly JsonObject[] {
  const thoughts = thinking.flatMap(({ provider, value }) =>
    provider === 'anthropic' && isObject(value) ? [value] : [],
  )
  const calls = toolCalls.map((call) => ({
    type: 'tool_use',
    id: callId(call.id ?? ''),
    name: call.name,
    input: argumentsObject(call),
  }))
  const hasText = content !== '' || toolCalls.length === 0
  return [...thoughts, ...(hasText ? [{ type: 'text', text: content }] : []), ...calls]
}

function callId(id: string): string {
  return wireCallId(id, /^[\w-]+$/, 'toolu_', 24)
}
