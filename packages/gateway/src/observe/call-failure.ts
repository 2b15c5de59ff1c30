import type { AgentEvent } from '@agent-stream/protocol'
import type { Scrubber } from '@agent-stream/protocol/scrub'

import type { HeldChunk } from './packed-chunks.ts'

/** What went wrong with a call, in the words of whoever found it. */
export interface CallFailure {
  readonly type: string
  readonly message: string
}

const MAX_CHARS = 300

/** The error in an answer whose status is one; undefined for any other answer. `chunks`: decoded. */
export function apiErrorOf(
  status: number,
  chunks: readonly HeldChunk[],
  scrubber: Scrubber,
): CallFailure | undefined {
  if (status < 400) return undefined
  const body = new TextDecoder().decode(Buffer.concat(chunks.map(({ bytes }) => bytes)))
  return { type: `http_${status}`, message: messageIn(scrubber.text(body)) }
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
