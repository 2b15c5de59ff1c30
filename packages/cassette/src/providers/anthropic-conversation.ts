import type {
  Conversation,
  Image,
  Message,
  ResponseFormat,
  ThinkingBlock,
  ToolCall,
  ToolChoice,
  ToolDefinition,
} from '../conversation/conversation.ts'
import { textContent, typeOf, userMessage } from '../conversation/message-parts.ts'
import { droppedFields, numberField, requestBody, stopField } from '../conversation/request-fields.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { defined, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'

const TEXT = ['text']
const READ = [
  'messages',
  'system',
  'tools',
  'tool_choice',
  'temperature',
  'max_tokens',
  'stop_sequences',
  'anthropic_version',
]

/** Reads an Anthropic Messages request, also as Bedrock and Vertex take it. */
export function readAnthropicConversation(request: unknown): Conversation {
  const body = requestBody(request, 'messages')
  if (listOr(body.mcp_servers).length > 0) unsupported('the request uses MCP servers')
  const messages = listOr(body.messages).flatMap((item) => readMessage(objectOr(item)))
  if (messages.length === 0) unsupported('the conversation has no message of a user or an assistant')
  const choice = objectOr(body.tool_choice)
  const output = objectOr(body.output_config).format ?? body.output_format
  return defined({
    provider: 'anthropic' as const,
    system: readSystem(body.system),
    messages,
    tools: readTools(body.tools),
    toolChoice: readToolChoice(choice),
    allowsParallelToolCalls: choice.disable_parallel_tool_use === true ? false : undefined,
    responseFormat: readFormat(objectOr(output)),
    temperature: numberField(body.temperature),
    maxTokens: numberField(body.max_tokens),
    stop: stopField(body.stop_sequences),
    dropped: droppedFields(body, output ? [...READ, 'output_config', 'output_format'] : READ),
  })
}

function readSystem(system: unknown): string | null {
  return system === null || system === undefined ? null : textContent(system, TEXT, 'the system message')
}

/** One message in several: results of tools come first, and are messages of their own. */
function readMessage({ role, content }: JsonObject): readonly Message[] {
  if (role === 'assistant') return [readAssistant(content)]
  if (role === 'system') return unsupported('a system message comes after the conversation has begun')
  if (role !== 'user') return unsupported(`a message has the role ${String(role)}`)
  const isResult = (block: unknown) => typeOf(block) === 'tool_result'
  if (!Array.isArray(content) || !content.some(isResult)) return [userMessage(content, TEXT, readImage)]
  const results = content.filter(isResult).map((block) => readResult(objectOr(block)))
  const rest = content.filter((block) => !isResult(block))
  return rest.length > 0 ? [...results, userMessage(rest, TEXT, readImage)] : results
}

function readResult(block: JsonObject): Message {
  return {
    role: 'tool',
    toolCallId: stringOr(block.tool_use_id, null),
    content: textContent(block.content, TEXT, 'a tool result'),
    ...(block.is_error === true && { isError: true }),
  }
}

function readAssistant(content: unknown): Message {
  if (typeof content === 'string') return { role: 'assistant', content }
  let text = ''
  const toolCalls: ToolCall[] = []
  const thinking: ThinkingBlock[] = []
  for (const item of listOr(content)) {
    const block = objectOr(item)
    if (block.type === 'text') text += stringOr(block.text, '')
    else if (block.type === 'tool_use') toolCalls.push(readCall(block))
    else if (block.type === 'thinking' || block.type === 'redacted_thinking')
      thinking.push({ provider: 'anthropic', value: block })
    else unsupported(`an earlier answer has a block of type ${typeOf(item)}`)
  }
  return {
    role: 'assistant',
    content: text,
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(thinking.length > 0 && { thinking }),
  }
}

function readCall(block: JsonObject): ToolCall {
  if (typeof block.name !== 'string') return unsupported('an earlier tool call has no name')
  return { id: stringOr(block.id, null), name: block.name, arguments: block.input ?? {} }
}

function readImage(part: unknown): Image {
  const source = objectOr(objectOr(part).source)
  const { type, url, media_type: mediaType, data } = source
  if (typeOf(part) !== 'image') return unsupported(`a user message has a block of type ${typeOf(part)}`)
  if (type === 'url' && typeof url === 'string') return { type: 'image', url }
  if (typeof mediaType === 'string' && typeof data === 'string')
    return { type: 'image', mediaType, base64: data }
  return unsupported(`an image comes from a source of type ${String(type)}`)
}

function readTools(value: unknown): readonly ToolDefinition[] | undefined {
  const tools = listOr(value)
  return tools.length > 0 ? tools.map((item) => readTool(objectOr(item))) : undefined
}

function readTool(tool: JsonObject): ToolDefinition {
  const { type = 'custom', name, description, input_schema: parameters, strict } = tool
  if (type !== 'custom' && type !== null)
    return unsupported(`the request uses the server tool ${String(type)}`)
  if (typeof name !== 'string' || name === '') return unsupported('the request defines a tool without a name')
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(parameters !== undefined && parameters !== null && { parameters }),
    ...(typeof strict === 'boolean' && { isStrict: strict }),
  }
}

function readToolChoice({ type, name }: JsonObject): ToolChoice | undefined {
  if (type === undefined) return undefined
  if (type === 'auto' || type === 'none') return type
  if (type === 'any') return 'required'
  if (type === 'tool' && typeof name === 'string') return { name }
  return unsupported(`the request chooses its tools by ${String(type)}`)
}

function readFormat({ type, schema }: JsonObject): ResponseFormat | undefined {
  if (type === undefined) return undefined
  if (type === 'json_schema') return { type, name: 'answer', schema: schema ?? {}, isStrict: true }
  return unsupported(`the request asks for an answer in the format ${String(type)}`)
}
