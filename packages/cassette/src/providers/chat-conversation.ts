import type {
  AssistantMessage,
  Conversation,
  Image,
  Message,
  ResponseFormat,
  ToolCall,
  ToolChoice,
  ToolDefinition,
} from '../conversation/conversation.ts'
import { imageFromUrl, textContent, typeOf, userMessage } from '../conversation/message-parts.ts'
import {
  droppedFields,
  joinParagraphs,
  numberField,
  requestBody,
  stopField,
} from '../conversation/request-fields.ts'
import { parseArguments } from '../conversation/tool-arguments.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { defined, isObject, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'
import type { ProviderName } from './provider.ts'

const TEXT = ['text', 'refusal']
const READ = [
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'temperature',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'n',
]

/** Reads a chat completions request, as OpenAI, Azure, Mistral and many others take it. */
export function readChatConversation(request: unknown, provider: ProviderName): Conversation {
  const body = requestBody(request, 'messages')
  if (body.functions || body.function_call) unsupported('the request uses the legacy functions')
  if (typeof body.n === 'number' && body.n !== 1)
    unsupported(`the request asks for ${body.n} answers at once`)
  if (listOr(body.modalities).includes('audio')) unsupported('the request asks for audio')
  if (body.web_search_options) unsupported('the request uses the server tool web_search')
  const { system, messages } = readMessages(listOr(body.messages))
  return defined({
    provider,
    system,
    messages,
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    allowsParallelToolCalls:
      typeof body.parallel_tool_calls === 'boolean' ? body.parallel_tool_calls : undefined,
    responseFormat: readFormat(body.response_format),
    temperature: numberField(body.temperature),
    maxTokens: numberField(body.max_tokens) ?? numberField(body.max_completion_tokens),
    stop: stopField(body.stop),
    dropped: droppedFields(body, READ),
  })
}

function readMessages(list: readonly unknown[]): { system: string | null; messages: readonly Message[] } {
  let system: string | null = null
  const messages: Message[] = []
  for (const item of list) {
    const message = objectOr(item)
    const { role } = message
    if (role === 'system' || role === 'developer') {
      if (messages.length > 0) unsupported('a system message comes after the conversation has begun')
      const text = textContent(message.content, TEXT, 'the system message')
      system = system === null ? text : joinParagraphs(system, text)
    } else messages.push(readMessage(message))
  }
  if (messages.length === 0) unsupported('the conversation has no message of a user or an assistant')
  return { system, messages }
}

function readMessage(message: JsonObject): Message {
  switch (message.role) {
    case 'user':
      return userMessage(message.content, TEXT, readImage)
    case 'assistant':
      return readAssistant(message)
    case 'tool':
      return {
        role: 'tool',
        toolCallId: stringOr(message.tool_call_id, null),
        content: textContent(message.content, TEXT, 'a tool result'),
      }
    case 'function':
      return unsupported('the request uses the legacy functions')
    default:
      return unsupported(`a message has the role ${String(message.role)}`)
  }
}

function readAssistant(message: JsonObject): AssistantMessage {
  if (message.function_call) unsupported('the request uses the legacy functions')
  if (message.audio) unsupported('the request has audio in an earlier answer')
  const thought = ['reasoning_details', 'reasoning_content', 'reasoning'].filter((key) => message[key])
  const calls = listOr(message.tool_calls)
  return {
    role: 'assistant',
    content: textContent(message.content ?? message.refusal, TEXT, 'an assistant message'),
    ...(calls.length > 0 && { toolCalls: calls.map(readCall) }),
    ...(thought.length > 0 && {
      thinking: thought.map((key) => ({ provider: 'openai' as const, value: { [key]: message[key] } })),
    }),
  }
}

function readCall(item: unknown): ToolCall {
  const call = objectOr(item)
  const { name, arguments: text } = objectOr(call.function)
  if (typeof name !== 'string' || name === '') {
    return unsupported(`an earlier tool call is of type ${typeOf(item)} or has no name`)
  }
  return { id: stringOr(call.id, null), name, arguments: parseArguments(text) }
}

function readImage(part: unknown): Image {
  const { url } = objectOr(objectOr(part).image_url)
  if (typeOf(part) === 'image_url' && typeof url === 'string') return imageFromUrl(url)
  // Mistral allows the address itself in place of an object.
  if (isObject(part) && typeof part.image_url === 'string') return imageFromUrl(part.image_url)
  return unsupported(`a user message has a part of type ${typeOf(part)}`)
}

function readTools(value: unknown): readonly ToolDefinition[] | undefined {
  const tools = listOr(value)
  return tools.length > 0 ? tools.map(readTool) : undefined
}

function readTool(item: unknown): ToolDefinition {
  const tool = objectOr(item)
  if (tool.type !== 'function') return unsupported(`the request uses a tool of type ${typeOf(item)}`)
  return readFunction(objectOr(tool.function))
}

/** A function's definition, as chat completions and Responses write it. */
export function readFunction({ name, description, parameters, strict }: JsonObject): ToolDefinition {
  if (typeof name !== 'string' || name === '') return unsupported('the request defines a tool without a name')
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(parameters !== undefined && parameters !== null && { parameters }),
    ...(typeof strict === 'boolean' && { isStrict: strict }),
  }
}

function readToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined
  if (value === 'auto' || value === 'none' || value === 'required') return value
  if (value === 'any') return 'required'
  const { name } = objectOr(objectOr(value).function)
  if (typeof name === 'string') return { name }
  return unsupported(`the request chooses its tools by ${JSON.stringify(value)}`)
}

function readFormat(value: unknown): ResponseFormat | undefined {
  const { type, json_schema: schema } = objectOr(value)
  if (type === undefined || type === 'text') return undefined
  if (type === 'json_object') return { type }
  if (type === 'json_schema') return readSchema(objectOr(schema))
  return unsupported(`the request asks for an answer in the format ${String(type)}`)
}

/** A schema that the answer has to keep, as chat completions and Responses write it. */
export function readSchema({ name, schema, strict, description }: JsonObject): ResponseFormat {
  return {
    type: 'json_schema',
    name: stringOr(name, 'answer'),
    schema: schema ?? {},
    ...(typeof strict === 'boolean' && { isStrict: strict }),
    ...(typeof description === 'string' && { description }),
  }
}
