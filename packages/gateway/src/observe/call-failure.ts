import { bodyBytes, type Exchange } from '@agent-stream/cassette'
import type { AgentEvent } from '@agent-stream/protocol'

/** What went wrong with a call, in the words of whoever found it. */
export interface CallFailure {
  readonly type: string
  readonly message: string
}

const MAX_CHARS = 300

/** The error in an answer whose status is one; undefined for any other answer. */
export function apiErrorOf(exchange: Exchange): CallFailure | undefined {
  const status = exchange.response?.status ?? 0
  if (status < 400) return undefined
  return { type: `http_${status}`, message: messageIn(new TextDecoder().decode(bodyBytes(exchange))) }
}

/** As OpenAI, Anthropic, Google and most others have it; else the beginning of the text. */
function messageIn(body: string): string {
  try {
    const { error, message, detail } = JSON.parse(body)
    const said = error?.message ?? message ?? detail ?? error
    if (typeof said === 'string') return said.slice(0, MAX_CHARS)
  } catch {
    // No JSON: a proxy's page, say.
  }
  return body.slice(0, MAX_CHARS)
}

/** The events of a call that ended in an error, before it said anything or after. */
export function failureEvents({ type, message }: CallFailure): readonly AgentEvent[] {
  return [
    { type: 'error', errorType: type, message },
    {
      type: 'done',
      messageId: '',
      numTurns: 0,
      toolCount: 0,
      durationMs: 0,
      model: '',
      isError: true,
    },
  ]
}
