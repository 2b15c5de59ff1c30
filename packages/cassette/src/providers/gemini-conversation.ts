import type {
  Conversation,
  Message,
  MessagePart,
  ResponseFormat,
  ThinkingBlock,
  ToolCall,
  ToolChoice,
  ToolDefinition,
} from '../conversation/conversation.ts'
import { droppedFields, numberField, requestBody, stopField } from '../conversation/request-fields.ts'
import { unsupported } from '../conversation/unsupported-request-error.ts'
import { defined, isObject, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'

const READ = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'safetySettings']
const READ_CONFIG = [
  'temperature',
  'maxOutputTokens',
  'stopSequences',
  'candidateCount',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
]

/** Reads a `generateContent` request. Both spellings of its fields are taken: `toolConfig` and `tool_config`. */
export function readGeminiConversation(request: unknown): Conversation {
  const body = requestBody(camelKeys(request), 'contents')
  const config = objectOr(camelKeys(body.generationConfig))
  if (typeof config.candidateCount === 'number' && config.candidateCount !== 1)
    unsupported(`the request asks for ${config.candidateCount} answers at once`)
  if (body.cachedContent) unsupported('the request refers to what the provider keeps: cachedContent')
  const messages = withLinks(listOr(body.contents).flatMap((item) => readContent(objectOr(item))))
  if (messages.length === 0) unsupported('the conversation has no message of a user or a model')
  return defined({
    provider: 'gemini' as const,
    system: readSystem(body.systemInstruction),
    messages,
    tools: readTools(body.tools),
    toolChoice: readToolChoice(objectOr(camelKeys(body.toolConfig))),
    responseFormat: readFormat(config),
    temperature: numberField(config.temperature),
    maxTokens: numberField(config.maxOutputTokens),
    stop: stopField(config.stopSequences),
    dropped: droppedFields({ ...body, ...config }, [...READ, ...READ_CONFIG]),
  })
}

/** An object with its keys in camelCase, which this API takes as well as snake_case. */
export function camelKeys(value: unknown): unknown {
  if (!isObject(value)) return value
  const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [camel(key), member]))
}

function readSystem(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  return listOr(objectOr(value).parts).map(systemText).join('')
}

function systemText(part: unknown): string {
  const { text } = objectOr(part)
  return typeof text === 'string' ? text : unsupported('the system message has a part that is no text')
}

/** One content in several messages: results of tools are messages of their own. */
function readContent({ role, parts }: JsonObject): readonly Message[] {
  const isModel = role === 'model'
  const results: Message[] = []
  const calls: ToolCall[] = []
  const thinking: ThinkingBlock[] = []
  const rest: MessagePart[] = []
  for (const item of listOr(parts)) {
    const part = objectOr(camelKeys(item))
    if (part.thought === true) thinking.push({ provider: 'gemini', value: item })
    else if (typeof part.text === 'string') rest.push({ type: 'text', text: part.text })
    else if (part.functionCall) calls.push(readCall(objectOr(part.functionCall)))
    else if (part.functionResponse) results.push(readResult(objectOr(part.functionResponse)))
    else rest.push(readImage(part))
  }
  const content = rest.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const hasImages = rest.some(({ type }) => type === 'image')
  if (isModel) {
    if (hasImages) unsupported('an earlier answer has an image')
    const extra = { ...(calls.length > 0 && { toolCalls: calls }), ...(thinking.length > 0 && { thinking }) }
    return [...results, { role: 'assistant', content, ...extra }]
  }
  if (rest.length === 0 && results.length > 0) return results
  return [...results, { role: 'user', content, ...(hasImages && { parts: rest }) }]
}

function readCall({ id, name, args }: JsonObject): ToolCall {
  if (typeof name !== 'string') return unsupported('an earlier tool call has no name')
  return { id: stringOr(id, null), name, arguments: args ?? {} }
}

/** Without an id it has the tool's name in its place, until `withLinks`. */
function readResult({ id, name, response }: JsonObject): Message {
  return { role: 'tool', toolCallId: stringOr(id, stringOr(name, null)), content: responseText(response) }
}

/**
 * The same messages with an id for each call, and those ids in place of the names by which this API links results: a name
 * stands for the first call of it that has no result yet.
 */
function withLinks(messages: readonly Message[]): readonly Message[] {
  const open: ToolCall[] = []
  let count = 0
  return messages.map((message): Message => {
    if (message.role === 'tool') {
      const { toolCallId } = message
      const place = open.findIndex(({ id, name }) => id === toolCallId || name === toolCallId)
      const [call] = place === -1 ? [] : open.splice(place, 1)
      return call ? { ...message, toolCallId: call.id } : message
    }
    if (message.role !== 'assistant' || !message.toolCalls) return message
    const toolCalls = message.toolCalls.map((call) => ({ ...call, id: call.id ?? `call_${count++}` }))
    open.push(...toolCalls)
    return { ...message, toolCalls }
  })
}

/** The result's text: by convention it is wrapped under a key of its own. */
function responseText(response: unknown): string {
  if (typeof response === 'string') return response
  if (response === undefined || response === null) return ''
  const { content, result, output } = objectOr(response)
  const text = [content, result, output].find((value) => typeof value === 'string')
  return typeof text === 'string' ? text : JSON.stringify(response)
}

function readImage(part: JsonObject): MessagePart {
  const { mimeType, data } = objectOr(camelKeys(part.inlineData))
  if (typeof mimeType === 'string' && mimeType.startsWith('image/') && typeof data === 'string')
    return { type: 'image', mediaType: mimeType, base64: data }
  return unsupported(`a message has a part with ${Object.keys(part).join(', ') || 'nothing'}`)
}

function readTools(value: unknown): readonly ToolDefinition[] | undefined {
  const tools = listOr(value).flatMap(readDeclarations)
  return tools.length > 0 ? tools : undefined
}

function readDeclarations(item: unknown): readonly ToolDefinition[] {
  const tool = objectOr(camelKeys(item))
  if (!Array.isArray(tool.functionDeclarations))
    return unsupported(`the request uses the server tool ${Object.keys(tool).join(', ')}`)
  return tool.functionDeclarations.map((declaration) => readTool(objectOr(camelKeys(declaration))))
}

function readTool({ name, description, parameters, parametersJsonSchema }: JsonObject): ToolDefinition {
  if (typeof name !== 'string' || name === '') return unsupported('the request defines a tool without a name')
  const schema = parameters ?? parametersJsonSchema
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(schema !== undefined && schema !== null && { parameters: lowerTypes(schema) }),
  }
}

/** JSON Schema writes its types in lower case (`string`), this API also in upper case. */
function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes)
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'type' && typeof value === 'string' ? value.toLowerCase() : lowerTypes(value),
    ]),
  )
}

const CHOICES: Readonly<Record<string, ToolChoice>> = { AUTO: 'auto', ANY: 'required', NONE: 'none' }

function readToolChoice(toolConfig: JsonObject): ToolChoice | undefined {
  const { mode, allowedFunctionNames } = objectOr(camelKeys(toolConfig.functionCallingConfig))
  if (typeof mode !== 'string' || mode === '') return undefined
  const names = listOr(allowedFunctionNames)
  const [name] = names
  if (mode.toUpperCase() === 'ANY' && names.length === 1 && typeof name === 'string') return { name }
  return CHOICES[mode.toUpperCase()] ?? unsupported(`the request chooses its tools by ${mode}`)
}

function readFormat({
  responseMimeType,
  responseSchema,
  responseJsonSchema,
}: JsonObject): ResponseFormat | undefined {
  const schema = responseSchema ?? responseJsonSchema
  if (schema) return { type: 'json_schema', name: 'answer', schema: lowerTypes(schema) }
  if (responseMimeType === undefined || responseMimeType === 'text/plain') return undefined
  if (responseMimeType === 'application/json') return { type: 'json_object' }
  return unsupported(`the request asks for an answer of type ${String(responseMimeType)}`)
}
