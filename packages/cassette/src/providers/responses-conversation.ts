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
import { droppedFields, joinParagraphs, numberField } from '../conversation/request-fields.ts'
import { parseArguments } from '../conversation/tool-arguments.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { defined, isObject, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'
import { readFunction, readSchema } from './chat-conversation.ts'

const TEXT = ['input_text', 'output_text', 'text', 'refusal']
const READ = [
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'temperature',
  'max_output_tokens',
  // How the answer is kept and delivered.
  'background',
  'include',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
]

/** Reads an OpenAI Responses request. */
export function readResponsesConversation(request: unknown): Conversation {
  if (!isObject(request)) return unsupported('the request has no JSON object as its body')
  for (const key of ['previous_response_id', 'conversation', 'prompt']) {
    if (request[key]) unsupported(`the request refers to what the provider keeps: ${key}`)
  }
  const { system, messages } = readInput(request.input, stringOr(request.instructions, null))
  return defined({
    provider: 'openai-responses' as const,
    system,
    messages,
    tools: readTools(request.tools),
    toolChoice: readToolChoice(request.tool_choice),
    allowsParallelToolCalls:
      typeof request.parallel_tool_calls === 'boolean' ? request.parallel_tool_calls : undefined,
    responseFormat: readFormat(objectOr(objectOr(request.text).format)),
    temperature: numberField(request.temperature),
    maxTokens: numberField(request.max_output_tokens),
    dropped: droppedFields(request, READ),
  })
}

interface Input {
  readonly system: string | null
  readonly messages: readonly Message[]
}

function readInput(input: unknown, instructions: string | null): Input {
  if (typeof input === 'string') return { system: instructions, messages: [{ role: 'user', content: input }] }
  if (!Array.isArray(input)) return unsupported('the request has no input')
  let system = instructions
  const messages: Message[] = []
  for (const item of input) {
    const { role, content } = objectOr(item)
    if (role === 'system' || role === 'developer') {
      if (messages.length > 0) unsupported('a system message comes after the conversation has begun')
      const text = textContent(content, TEXT, 'the system message')
      system = system === null ? text : joinParagraphs(system, text)
    } else addItem(messages, objectOr(item))
  }
  if (messages.length === 0) unsupported('the conversation has no message of a user or an assistant')
  return { system, messages }
}

/** An assistant's turn is one message here, and an item for each of its parts on this wire. */
function addItem(messages: Message[], item: JsonObject): void {
  const last = messages.at(-1)
  const turn: AssistantMessage = last?.role === 'assistant' ? last : { role: 'assistant', content: '' }
  const replace = (message: AssistantMessage) =>
    last?.role === 'assistant' ? messages.splice(-1, 1, message) : messages.push(message)
  switch (item.type ?? 'message') {
    case 'message':
      if (item.role === 'user') messages.push(userMessage(item.content, TEXT, readImage))
      else if (item.role !== 'assistant') unsupported(`a message has the role ${String(item.role)}`)
      else replace({ ...turn, content: turn.content + textContent(item.content, TEXT, 'an earlier answer') })
      break
    case 'function_call':
      replace({ ...turn, toolCalls: [...(turn.toolCalls ?? []), readCall(item)] })
      break
    case 'reasoning':
      replace({
        ...turn,
        thinking: [...(turn.thinking ?? []), { provider: 'openai-responses', value: item }],
      })
      break
    case 'function_call_output':
      messages.push({
        role: 'tool',
        toolCallId: stringOr(item.call_id, null),
        content: textContent(item.output, TEXT, 'a tool result'),
      })
      break
    default:
      unsupported(`the conversation has an item of type ${String(item.type)}`)
  }
}

function readCall({ call_id: id, name, arguments: text }: JsonObject): ToolCall {
  if (typeof name !== 'string') return unsupported('an earlier tool call has no name')
  return { id: stringOr(id, null), name, arguments: parseArguments(text) }
}

function readImage(part: unknown): Image {
  const { image_url: url } = objectOr(part)
  if (typeOf(part) === 'input_image' && typeof url === 'string') return imageFromUrl(url)
  return unsupported(`a user message has a part of type ${typeOf(part)}`)
}

function readTools(value: unknown): readonly ToolDefinition[] | undefined {
  const tools = listOr(value)
  return tools.length > 0 ? tools.map(readTool) : undefined
}

function readTool(item: unknown): ToolDefinition {
  const tool = objectOr(item)
  if (tool.type !== 'function') return unsupported(`the request uses the server tool ${typeOf(item)}`)
  return readFunction(tool)
}

function readToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined
  if (value === 'auto' || value === 'none' || value === 'required') return value
  const { type, name } = objectOr(value)
  if (type === 'function' && typeof name === 'string') return { name }
  return unsupported(`the request chooses its tools by ${JSON.stringify(value)}`)
}

function readFormat(format: JsonObject): ResponseFormat | undefined {
  if (format.type === undefined || format.type === 'text') return undefined
  if (format.type === 'json_object') return { type: 'json_object' }
  if (format.type === 'json_schema') return readSchema(format)
  return unsupported(`the request asks for an answer in the format ${String(format.type)}`)
}
