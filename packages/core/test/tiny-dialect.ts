import type { AgentEvent, Decoded, Dialect, DoneEvent, SseMessage } from '@agent-stream/protocol'

/** What a message of the tiny dialect may hold. */
interface Chat {
  readonly chat: string
  readonly text?: string
  readonly twice?: boolean
  readonly id?: string
  readonly why?: string
  readonly from?: number
  readonly to?: number
}

/** A wire that is nobody's, with all that the client must know how to handle: an end that is announced before it comes. */
export const chatty: Dialect = {
  name: 'chatty',
  detect: (_message, payload, headers) =>
    headers?.get('x-chatty') === '1' || (payload as { chat?: unknown } | null)?.chat !== undefined,
  createDecoder() {
    let pending: DoneEvent | undefined

    function end(): Decoded {
      const given = pending
      pending = undefined
      return given ? [given] : []
    }

    function decode(message: SseMessage): Decoded {
      const chat = JSON.parse(message.data) as Chat
      switch (chat.chat) {
        case 'name':
          return [{ type: 'run_started', runId: String(chat.id), startedAt: '', protocol: '' }]
        case 'say': {
          const token: AgentEvent = { type: 'token', text: String(chat.text), blockId: 'b' }
          return chat.twice ? [token, token] : [token]
        }
        case 'call':
          return [
            {
              type: 'tool_use',
              toolName: 'x',
              toolUseId: String(chat.id),
              inputSummary: '',
              status: 'running',
            },
          ]
        case 'gap':
          return [{ type: 'gap', fromSeq: chat.from as number, toSeq: chat.to as number }]
        case 'ends':
          pending = done(String(chat.why))
          return []
        case 'more':
          pending = undefined
          return []
        case 'usage':
          return []
        case 'over':
          pending ??= done('stop')
          return end()
        default:
          return [{ type: 'warning', code: 'unknown_event', message: 'is unknown', data: message.data }]
      }
    }

    return {
      decode,
      end,
      get pending() {
        return pending
      },
    }
  },
}

function done(finishReason: string): DoneEvent {
  const counts = { numTurns: 0, toolCount: 0, durationMs: 0 }
  return { type: 'done', messageId: '', model: '', ...counts, isError: false, finishReason }
}
