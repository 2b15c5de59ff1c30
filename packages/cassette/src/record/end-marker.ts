import {
  AgentStreamError,
  createSseReader,
  type Decoder,
  type Dialect,
  decodeEvent,
  detectDialect,
  type SseMessage,
} from '@agent-stream/protocol'

/**
 * Whether an event stream came to what its dialect ends with: `[DONE]`, `message_stop`, an error that is its last word;
 * once it is closed, a finish reason is enough. Undefined where no dialect knows it, and so nobody can tell.
 */
export function hasEndMarker(
  chunks: Iterable<Uint8Array>,
  isClosed: boolean,
  dialects: readonly Dialect[],
): boolean | undefined {
  let decoder: Decoder | undefined
  let hasMessages = false
  let hasEnded = false
  const note = (decoded: ReturnType<Decoder['decode']>) => {
    hasEnded ||= decoded.some(({ type }) => type === 'done' || type === 'error')
  }
  const reader = createSseReader({
    onMessage(message) {
      hasMessages = true
      decoder ??= decoderFor(message, dialects)
      if (decoder) note(decoder.decode(message))
    },
  })
  try {
    for (const chunk of chunks) reader.feed(chunk)
  } catch (error) {
    // A message beyond the limit: what follows cannot be told from the rest of it.
    if (error instanceof AgentStreamError) return undefined
    throw error
  }
  if (!decoder) return hasMessages ? undefined : false
  if (isClosed) note(decoder.end())
  return hasEnded
}

function decoderFor(message: SseMessage, dialects: readonly Dialect[]): Decoder | undefined {
  const dialect = detectDialect(dialects, message)
  return dialect === null ? OWN_DECODER : dialect?.createDecoder()
}

/** Of this project's own protocol, which needs no state. */
const OWN_DECODER: Decoder = {
  decode: (message) => [decodeEvent(message)],
  end: () => [],
}
