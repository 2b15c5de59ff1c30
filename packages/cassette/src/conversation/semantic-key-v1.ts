import { canonicalJson, isExactNumber, parseExactly, pythonJson } from '../canonical-json.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { providerOfHost } from '../key/provider-name.ts'
import type { ModelRequest } from '../providers/provider.ts'
import { bodyDigest, bodyText, decodedPath, digest, parseBody } from './request-digest.ts'

/*
 * The key of agentrec 1.x, frozen: corpora hold it. What it reads of a request stays as it was, whatever the readers
 * beside it learn, and it reads as Python does: `isSet` is Python's idea of a value that counts.
 */

/**
 * The semantic key (version 1) that agentrec 1.x gives a request. By host alone it knows OpenAI's and Mistral's chat
 * completions, Anthropic's Messages and Gemini's `generateContent`, with text and tools; all else goes by method, path
 * and body.
 */
export function semanticKeyV1(request: ModelRequest): string {
  const method = request.method.toUpperCase()
  const address = new URL(request.url)
  const path = decodedPath(address)
  const text = bodyText(request.body)
  const value = parseBody(text)
  if (value === undefined) return digest(method, path, text)
  if (!isObject(value) || isExactNumber(value)) return digest(method, path, canonicalJson(value))
  const conversation = readConversation(providerOfHost(address.hostname), value)
  return conversation ? digest('conversation', canonicalJson(conversation)) : bodyDigest(method, path, value)
}

/** Ends the reading of a request that version 1 does not know. */
class Unknown extends Error {}

function unknown(): never {
  throw new Unknown()
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}

function readConversation(provider: string, body: JsonObject): JsonObject | null {
  try {
    const { system, messages, tools, choice } = READERS[provider]?.(body) ?? unknown()
    if (messages.length === 0) return unknown()
    const hasChoice = choice !== null && choice !== 'auto'
    return { system, messages, ...(tools && { tools }), ...(hasChoice && { tool_choice: choice }) }
  } catch (error) {
    if (error instanceof Unknown) return null
    throw error
  }
}

interface Read {
  readonly system: string | null
  readonly messages: readonly JsonObject[]
  readonly tools: readonly JsonObject[] | null
  readonly choice: unknown
}

const READERS: Readonly<Record<string, (body: JsonObject) => Read>> = {
  openai: (body) => readChat(body, 'required'),
  mistral: (body) => readChat(body, 'any'),
  anthropic: readAnthropic,
  gemini: readGemini,
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  // Numbers that Python spells in its own way are objects here: 0.0 does not count, but no field wants one.
  return isObject(value) ? Object.keys(value).length > 0 : Boolean(value)
}

function object(value: unknown): JsonObject {
  return isObject(value) ? value : unknown()
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : unknown()
}

/** A text, or the texts of a list of parts that are all of type `text`. */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content
  return list(content)
    .map((part) => {
      const { type, text = '' } = object(part)
      return type === 'text' && typeof text === 'string' ? text : unknown()
    })
    .join('')
}

/** A tool with what of it says what is asked. */
function tool(name: unknown, description: unknown, parameters: unknown): JsonObject {
  if (!isSet(name)) return unknown()
  return { name, ...(description != null && { description }), ...(parameters != null && { parameters }) }
}

function readChat(body: JsonObject, required: string): Read {
  const { n = null, response_format: format, tools } = body
  const { type } = isSet(format) ? object(format) : { type: 'text' }
  const isKnown = type === 'text' || type === 'json_object' || type === 'json_schema'
  const isOne = n === null || canonicalJson(n).replace(/\.0$/, '') === '1'
  if (isSet(body.functions) || isSet(body.function_call) || !isKnown || !isOne) return unknown()
  let system: string | null = null
  const messages: JsonObject[] = []
  for (const item of list(body.messages)) {
    const message = object(item)
    if (message.role !== 'system' && message.role !== 'developer') messages.push(chatMessage(message))
    else if (messages.length > 0) return unknown()
    else {
      const text: string = message.content == null ? '' : textIn(message.content)
      system = system === null ? text : `${system}\n\n${text}`
    }
  }
  const read = isSet(tools) ? list(tools).map(chatTool) : null
  return { system, messages, tools: read, choice: chatChoice(body.tool_choice, required) }
}

function chatMessage({ role, content, tool_calls: calls }: JsonObject): JsonObject {
  if (role === 'tool') return { role, content: textIn(content) }
  const text = content == null ? '' : textIn(content)
  if (role === 'assistant' && isSet(calls))
    return { role, content: text, tool_calls: list(calls).map(chatCall) }
  return role === 'user' || role === 'assistant' ? { role, content: text } : unknown()
}

function chatCall(item: unknown): JsonObject {
  const { function: called } = objectIn(item)
  const { name, arguments: given } = objectIn(called)
  if (!isSet(name)) return unknown()
  if (typeof given !== 'string') return { name, arguments: given ?? {} }
  const value = given.trim() === '' ? {} : parsed(given)
  return { name, arguments: value === undefined ? given : value }
}

function chatTool(item: unknown): JsonObject {
  const { type, function: defined } = object(item)
  if (type !== 'function') return unknown()
  const { name, description, parameters } = objectIn(defined)
  return tool(name, description, parameters)
}

function chatChoice(choice: unknown, required: string): unknown {
  if (choice == null || choice === 'auto' || choice === 'none') return choice ?? null
  if (choice === required) return 'required'
  const { type, function: chosen } = object(choice)
  const { name } = objectIn(chosen)
  return type === 'function' && isSet(name) ? { name } : unknown()
}

function readAnthropic(body: JsonObject): Read {
  const messages: JsonObject[] = []
  for (const item of list(body.messages)) addAnthropicMessage(messages, object(item))
  return {
    system: body.system == null ? null : textIn(body.system),
    messages,
    tools: isSet(body.tools) ? list(body.tools).map(anthropicTool) : null,
    choice: body.tool_choice == null ? null : anthropicChoice(object(body.tool_choice)),
  }
}

function addAnthropicMessage(messages: JsonObject[], { role, content }: JsonObject): void {
  if (role !== 'user' && role !== 'assistant') unknown()
  if (typeof content === 'string') {
    messages.push({ role, content })
    return
  }
  let text = ''
  const calls: JsonObject[] = []
  for (const item of list(content)) {
    const block = object(item)
    if (block.type === 'text') text += textIn([block])
    else if (block.type === 'tool_use' && role === 'assistant')
      calls.push({ name: block.name ?? null, arguments: block.input ?? {} })
    else if (block.type === 'tool_result' && role === 'user')
      messages.push({ role: 'tool', content: textIn(isSet(block.content) ? block.content : '') })
    else unknown()
  }
  addTurn(messages, role, text, calls)
}

/** A message that held results of tools and nothing else adds no further one. */
function addTurn(messages: JsonObject[], role: unknown, text: string, calls: readonly JsonObject[]): void {
  if (calls.length > 0) messages.push({ role: 'assistant', content: text, tool_calls: calls })
  else if (text !== '' || messages.at(-1)?.role !== 'tool') messages.push({ role, content: text })
}

function anthropicTool(item: unknown): JsonObject {
  const { type = null, name, description, input_schema: parameters } = object(item)
  return type === null || type === 'custom' ? tool(name, description, parameters) : unknown()
}

function anthropicChoice({ type, name }: JsonObject): unknown {
  if (type === 'auto' || type === 'none') return type
  if (type === 'any') return 'required'
  return type === 'tool' && isSet(name) ? { name } : unknown()
}

/** An object, or an empty one for what does not count. */
function objectIn(value: unknown): JsonObject {
  return isSet(value) ? object(value) : {}
}

/** The field in either spelling that this API takes. */
function either(from: JsonObject, camel: string, snake: string): unknown {
  return isSet(from[camel]) ? from[camel] : from[snake]
}

function readGemini(body: JsonObject): Read {
  const instruction = either(body, 'systemInstruction', 'system_instruction')
  const messages: JsonObject[] = []
  for (const item of list(body.contents)) addGeminiContent(messages, object(item))
  return {
    system: isObject(instruction)
      ? geminiText(instruction.parts)
      : typeof instruction === 'string'
        ? instruction
        : null,
    messages,
    tools: isSet(body.tools) ? list(body.tools).flatMap(geminiTools) : null,
    choice: geminiChoice(either(body, 'toolConfig', 'tool_config')),
  }
}

function geminiText(parts: unknown): string {
  const texts = list(parts).map((part) => object(part).text)
  return texts.map((text) => (typeof text === 'string' ? text : text === null ? '' : unknown())).join('')
}

function addGeminiContent(messages: JsonObject[], { role, parts }: JsonObject): void {
  let text = ''
  const calls: JsonObject[] = []
  for (const item of list(parts)) {
    const part = object(item)
    if ('text' in part) text += geminiText([part])
    else if ('functionCall' in part || 'function_call' in part) {
      const { name = null, args } = objectIn(either(part, 'functionCall', 'function_call'))
      calls.push({ name, arguments: args ?? {} })
    } else if ('functionResponse' in part || 'function_response' in part) {
      const { response } = objectIn(either(part, 'functionResponse', 'function_response'))
      messages.push({ role: 'tool', content: geminiResult(response) })
    } else unknown()
  }
  addTurn(messages, role === 'model' ? 'assistant' : 'user', text, calls)
}

function geminiResult(response: unknown): string {
  if (typeof response === 'string') return response
  if (response == null) return ''
  const { content, result, output } = isObject(response) ? response : {}
  const text = [content, result, output].find((value) => typeof value === 'string')
  return typeof text === 'string' ? text : pythonJson(response)
}

function geminiTools(item: unknown): readonly JsonObject[] {
  const declarations = either(object(item), 'functionDeclarations', 'function_declarations')
  return list(declarations).map((each) => {
    const { name, description, parameters } = object(each)
    return tool(name, description, parameters)
  })
}

function geminiChoice(config: unknown): unknown {
  if (!isObject(config)) return null
  const calling = either(config, 'functionCallingConfig', 'function_calling_config')
  const { mode, ...names } = objectIn(calling)
  const allowed = either(names, 'allowedFunctionNames', 'allowed_function_names')
  const word = isSet(mode) ? String(mode).toUpperCase() : ''
  if (word === 'ANY' && Array.isArray(allowed) && allowed.length === 1) return { name: allowed[0] }
  const choices: JsonObject = { '': null, AUTO: 'auto', ANY: 'required', NONE: 'none' }
  return word in choices ? choices[word] : unknown()
}
