import type { ToolCall } from '../../src/conversation/conversation.ts'
import type { DecodedResponse } from '../../src/providers/decoded-response.ts'

/** An answer of this text and these tool calls. */
export function answer(text: string, toolCalls: readonly ToolCall[] = []): DecodedResponse {
  return {
    provider: 'openai',
    model: 'gpt-4o',
    text,
    toolCalls,
    usage: null,
    finishReason: 'stop',
    isStreamed: false,
    isTruncated: false,
  }
}

export function pair(baseline: string | DecodedResponse, target: string | DecodedResponse) {
  const response = (given: string | DecodedResponse) => (typeof given === 'string' ? answer(given) : given)
  return { prompt: 'What is it?', baseline: response(baseline), target: response(target) }
}
