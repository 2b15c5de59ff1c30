import type { Message, ToolCall } from './conversation.ts'

/**
 * The same messages with an id for each call that has none, `call_0` and so on, and for the results without one in the
 * same order, so that a wire that links results by id can carry them.
 */
export function withCallIds(messages: readonly Message[]): readonly Message[] {
  const open: string[] = []
  let count = 0

  function withId(call: ToolCall): ToolCall {
    if (call.id !== null) return call
    const id = `call_${count++}`
    open.push(id)
    return { ...call, id }
  }

  return messages.map((message): Message => {
    if (message.role === 'tool')
      return { ...message, toolCallId: message.toolCallId ?? open.shift() ?? 'call_0' }
    if (message.role === 'assistant' && message.toolCalls)
      return { ...message, toolCalls: message.toolCalls.map(withId) }
    return message
  })
}
