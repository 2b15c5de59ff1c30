import { createParser, type EventSourceMessage } from 'eventsource-parser'

import { AgentStreamError } from './error.ts'

/** One dispatched Server-Sent Event: `event` absent means `message`, `id` is the one in this very block. */
export type SseMessage = EventSourceMessage

export interface SseLimits {
  /** The longest message, in characters of its data. Default 16 Mi. */
  readonly maxMessageChars?: number
  /** The most that is kept of an unfinished line and an unfinished message together. Default: the same. */
  readonly maxBufferedChars?: number
}

export interface SseHandlers {
  readonly onMessage: (message: SseMessage) => void
  readonly onComment?: (comment: string) => void
  /** The server's reconnection time, in milliseconds. */
  readonly onRetry?: (retryMs: number) => void
}

export interface SseReader {
  /** Takes the next piece, cut anywhere. Throws `AgentStreamError` (`message_too_large`) past a limit. */
  feed(chunk: Uint8Array | string): void
}

export const MAX_MESSAGE_CHARS = 2 ** 24

/**
 * Reads Server-Sent Events (WHATWG HTML, section 9.2) from bytes or decoded text, whatever the chunk borders.
 * Bytes that are not UTF-8 become U+FFFD. A message that the end of the stream cuts off is not dispatched.
 */
export function createSseReader(handlers: SseHandlers, limits: SseLimits = {}): SseReader {
  const { maxMessageChars = MAX_MESSAGE_CHARS, maxBufferedChars = maxMessageChars } = limits
  // The parser strips the byte order mark: were the decoder to do it too, a second one would go as well.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const parser = createParser({
    maxBufferSize: maxBufferedChars,
    onEvent(message) {
      if (message.data.length > maxMessageChars) throw tooLarge('maxMessageChars', maxMessageChars)
      handlers.onMessage(message)
    },
    onComment: handlers.onComment,
    onRetry: handlers.onRetry,
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw tooLarge('maxBufferedChars', maxBufferedChars)
    },
  })
  return {
    feed(chunk) {
      parser.feed(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
    },
  }
}

function tooLarge(limit: keyof SseLimits, chars: number): AgentStreamError {
  const message = `An SSE message has more than ${chars} characters: raise ${limit}, or send it in parts`
  return new AgentStreamError('message_too_large', message)
}
