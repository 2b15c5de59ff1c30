import type { Message } from '../conversation/conversation.ts'
import { isObject, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'
import { refuse } from './imported-call.ts'
import { firstString, readParts, readToolCall, readToolCalls, resultText } from './read-parts.ts'

/** System messages that stand before all others are the system prompt. */
export interface ReadMessages {
  readonly system: string | null
  readonly messages: readonly Message[]
}

type Role = Message['role'] | 'system'

const ROLES: Readonly<Record<string, Role>> = {
  human: 'user',
  user: 'user',
  ai: 'assistant',
  assistant: 'assistant',
  model: 'assistant',
  system: 'system',
  developer: 'system',
  tool: 'tool',
  function: 'tool',
}

/** Reads a list of messages, or of the items of OpenAI's Responses API. */
export function readMessages(list: readonly unknown[]): ReadMessages {
  const systems: string[] = []
  const messages: Message[] = []
  for (const item of list) {
    const { role, body } = typed(item)
    if (role === undefined) continue
    if (role !== 'system') messages.push(...messagesOf(role, body))
    else if (messages.length === 0) systems.push(readParts(contentOf(body)).text)
    else refuse('it has a system message after others')
  }
  return { system: systems.length > 0 ? systems.join('\n\n') : null, messages }
}

/** The role of an item, and where its content stands. No role: it says nothing to the model, such as reasoning. */
function typed(item: unknown): { readonly role?: Role | undefined; readonly body: JsonObject } {
  if (typeof item === 'string') return { role: 'user', body: { content: item } }
  if (!isObject(item)) return refuse('a message is no object')
  if (item.type === 'reasoning') return { body: {} }
  if (item.type === 'function_call') return { role: 'assistant', body: { tool_calls: [item] } }
  if (item.type === 'function_call_output')
    return { role: 'tool', body: { content: item.output, tool_call_id: item.call_id } }
  // LangChain: {lc, id: [..., 'HumanMessage'], kwargs}, or {type: 'human', data}.
  const body = objectOr(item.kwargs ?? item.data ?? item)
  const className = /^(\w+?)Message(?:Chunk)?$/.exec(String(listOr(item.id).at(-1)))?.[1]
  const name = firstString(body.role, item.role, className, item.type, body.type)
  const role = ROLES[name?.toLowerCase() ?? '']
  return role ? { role, body } : refuse(`a message has the role ${JSON.stringify(name ?? null)}`)
}

function contentOf(body: JsonObject): unknown {
  return body.parts ?? body.content
}

function messagesOf(role: Exclude<Role, 'system'>, body: JsonObject): readonly Message[] {
  if (role === 'tool') return toolMessages(body)
  const { text, parts, toolCalls, toolResults } = readParts(contentOf(body))
  const results = toolResults.map((result): Message => ({ role: 'tool', ...result }))
  if (role === 'user') {
    const hasImages = parts.some(({ type }) => type === 'image')
    if (results.length > 0 && text === '' && !hasImages) return results
    return [...results, { role, content: text, ...(hasImages && { parts }) }]
  }
  const calls = [...toolCalls, ...callsBeside(body)]
  return [{ role, content: text, ...(calls.length > 0 && { toolCalls: calls }) }, ...results]
}

/** Calls that stand beside the content: OpenAI's, LangChain's, and the older single one. */
function callsBeside(body: JsonObject) {
  const extra = objectOr(body.additional_kwargs)
  const calls = [body.tool_calls, extra.tool_calls].map(readToolCalls).find((list) => list.length > 0)
  if (calls) return calls
  const legacy = body.function_call ?? extra.function_call
  return isObject(legacy) ? [{ ...readToolCall(legacy), id: stringOr(legacy.name, null) }] : []
}

function toolMessages(body: JsonObject): readonly Message[] {
  const content = contentOf(body)
  const results = Array.isArray(content) ? readParts(content).toolResults : []
  if (results.length > 0) return results.map((result) => ({ role: 'tool', ...result }))
  const toolCallId = firstString(body.tool_call_id, body.toolCallId, body.id, body.name) ?? null
  return [{ role: 'tool', toolCallId, content: resultText(content) }]
}
