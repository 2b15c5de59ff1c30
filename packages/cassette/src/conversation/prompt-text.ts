import { readableJson } from '../canonical-json.ts'
import type { DecodedResponse } from '../providers/decoded-response.ts'
import type { Conversation, Message, ToolCall, UserMessage } from './conversation.ts'

/**
 * A conversation as text, for people and judges: a single message of a user as it is, all else with `[role]` before each
 * message, call and result.
 */
export function promptText({ system, messages }: Conversation): string {
  const [only] = messages
  if (system === null && messages.length === 1 && only?.role === 'user') return userText(only)
  return [...(system ? [`[system] ${system}`] : []), ...messages.flatMap(messageTexts)].join('\n\n')
}

function messageTexts(message: Message): readonly string[] {
  switch (message.role) {
    case 'tool':
      return [`[tool result] ${message.content}`]
    case 'user': {
      const text = userText(message)
      return text ? [`[user] ${text}`] : []
    }
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map((call) => `[assistant tool_call] ${callText(call)}`)
      return [...(message.content ? [`[assistant] ${message.content}`] : []), ...calls]
    }
  }
}

function userText({ content, parts }: UserMessage): string {
  return parts ? parts.map((part) => (part.type === 'text' ? part.text : '[image]')).join('') : content
}

/** An answer as text: what the model says, and a line for each tool that it calls, so that answers compare by both. */
export function renderResponse({ text, refusal = '', toolCalls }: DecodedResponse): string {
  const said = text || refusal
  return [...(said ? [said] : []), ...toolCalls.map((call) => `[tool_call] ${callText(call)}`)].join('\n')
}

function callText({ name, arguments: value }: ToolCall): string {
  return `${name}(${typeof value === 'string' ? value : readableJson(value)})`
}
