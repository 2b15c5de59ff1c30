import { decodePayload } from './decode.ts'
import type { Dialect, DialectHeaders } from './dialect.ts'
import type { SseMessage } from './sse.ts'

/**
 * The dialect of a response in which this message comes, `null` for the protocol's own. `undefined` where it does not
 * tell: the next one may. The given ones are asked first, as names like `error` are on more than one wire; one that is
 * the only one also has what nobody knows.
 */
export function detectDialect(
  dialects: readonly Dialect[],
  message: SseMessage,
  headers?: DialectHeaders,
): Dialect | null | undefined {
  const { event = 'message', data } = message
  let payload: unknown
  try {
    payload = JSON.parse(data)
  } catch {
    // Stays undefined: a dialect may know the message by its name.
  }
  const known = dialects.find((dialect) => dialect.detect(message, payload, headers))
  if (known) return known
  const own = decodePayload(event, payload)
  if (own.type !== 'warning') return null
  return dialects.length === 1 && own.code === 'unknown_event' ? dialects[0] : undefined
}
