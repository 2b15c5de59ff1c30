import { decodePayload } from './decode.ts'
import type { Dialect, DialectHeaders } from './dialect.ts'
import type { SseMessage } from './sse.ts'

/**
 * The dialect of a response in which this message comes, `null` for the protocol's own. `undefined` where it does not
 * tell: the next one may. A name of the protocol tells, unless the message has other wires' words in it: `error` is a
 * name on several. What nobody knows belongs to a dialect that is the only one given.
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
  const own = decodePayload(event, payload)
  const isOwn = own.type !== 'warning'
  if (isOwn && !/"(type|error)"/.test(data)) return null
  const known = dialects.find((dialect) => dialect.detect(message, payload, headers))
  if (known) return known
  if (isOwn) return null
  return dialects.length === 1 && own.code === 'unknown_event' ? dialects[0] : undefined
}
