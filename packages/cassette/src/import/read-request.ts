import type {
  Conversation,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../conversation/conversation.ts'
import { isObject, type JsonObject, listOr, objectOr, parseJson, stringOr } from '../json-object.ts'
import { refuse } from './imported-call.ts'
import { readMessages } from './read-messages.ts'
import { firstString, readParts } from './read-parts.ts'

/**
 * Reads what was asked: a text, a list of messages, or a request of the OpenAI, Anthropic or Gemini API. `parameters`
 * are what the source keeps apart from it: tools, the temperature, the longest answer.
 */
export function readRequest(input: unknown, parameters: JsonObject = {}): Conversation {
  const value = typeof input === 'string' ? jsonOrText(input) : input
  const request = isObject(value) ? value : {}
  const { system, messages } = readMessages(messageList(value))
  if (messages.length === 0) refuse('it has no messages')
  const all = { ...parameters, ...request, ...objectOr(request.config ?? request.generationConfig) }
  const said = [systemText(request), system].filter((text) => text !== null && text !== '')
  const tools = listOr(all.tools).flatMap(toolsIn)
  return {
    system: said.length > 0 ? said.join('\n\n') : null,
    messages,
    ...(tools.length > 0 && { tools, ...toolChoice(all.tool_choice) }),
    ...responseFormat(all.response_format),
    ...number('temperature', all.temperature),
    ...number(
      'maxTokens',
      all.max_completion_tokens ?? all.max_tokens ?? all.maxTokens ?? all.max_output_tokens,
    ),
  }
}

/** Exports keep messages as JSON text, too; a prompt that happens to be JSON stays a text. */
function jsonOrText(text: string): unknown {
  const value = parseJson(text)
  const isList = Array.isArray(value) && value.length > 0 && value.every(isMessage)
  return isList || (isObject(value) && listKey(value) !== undefined) ? value : text
}

function isMessage(value: unknown): boolean {
  return isObject(value) && ('role' in value || 'kwargs' in value || 'data' in value)
}

function listKey(request: JsonObject): string | undefined {
  return ['messages', 'contents', 'input', 'prompt'].find((key) => Array.isArray(request[key]))
}

function messageList(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.length > 0 && value.every(Array.isArray) ? onlyOne(value) : value
  if (!isObject(value)) return refuse('it has no input')
  const key = listKey(value)
  if (key !== undefined) return messageList(value[key])
  if (isMessage(value)) return [value]
  const text = firstString(value.input, value.prompt, value.question, value.query, value.text)
  return text === undefined ? refuse(`its input has none of messages, contents, input and prompt`) : [text]
}

/** LangSmith keeps a batch of conversations. */
function onlyOne(batch: readonly (readonly unknown[])[]): readonly unknown[] {
  return batch.length === 1
    ? (batch[0] as readonly unknown[])
    : refuse(`it is a batch of ${batch.length} conversations`)
}

function systemText(request: JsonObject): string | null {
  const system =
    request.system ?? request.instructions ?? request.systemInstruction ?? request.system_instruction
  return isObject(system)
    ? readParts(system.parts).text
    : system === undefined
      ? null
      : readParts(system).text
}

function toolsIn(value: unknown): readonly ToolDefinition[] {
  const tool = objectOr(value)
  const declared = tool.functionDeclarations ?? tool.function_declarations
  if (Array.isArray(declared)) return declared.flatMap(toolsIn)
  const named = isObject(tool.function) ? tool.function : tool
  if (typeof named.name !== 'string')
    return refuse(`it has a tool of the type ${JSON.stringify(tool.type ?? 'unknown')}`)
  const parameters = named.parameters ?? named.input_schema ?? named.inputSchema
  const { name, description } = named
  return [
    {
      name,
      ...(typeof description === 'string' && { description }),
      ...(parameters !== undefined && { parameters }),
    },
  ]
}

function toolChoice(choice: unknown): { readonly toolChoice?: ToolChoice } {
  const kind = typeof choice === 'string' ? choice : stringOr(objectOr(choice).type, '')
  if (kind === 'any' || kind === 'required') return { toolChoice: 'required' }
  if (kind === 'none' || kind === 'auto') return { toolChoice: kind }
  const name = firstString(objectOr(objectOr(choice).function).name, objectOr(choice).name)
  return name === undefined ? {} : { toolChoice: { name } }
}

function responseFormat(format: unknown): { readonly responseFormat?: ResponseFormat } {
  const { type, json_schema } = objectOr(format)
  if (type === 'json_object') return { responseFormat: { type } }
  const { name, schema, strict } = objectOr(json_schema)
  if (type !== 'json_schema' || typeof name !== 'string') return {}
  return { responseFormat: { type, name, schema, ...(typeof strict === 'boolean' && { isStrict: strict }) } }
}

function number<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: number } {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  // The computed key loses its type.
  return (typeof read === 'number' && Number.isFinite(read) ? { [key]: read } : {}) as {
    readonly [K in Key]?: number
  }
}
