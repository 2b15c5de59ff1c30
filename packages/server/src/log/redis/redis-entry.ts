import type { LogEvent } from '../event-log.ts'

/** An entry of a stream as Redis answers it: its id, then its fields and values in turn. */
export type RedisEntry = readonly [id: string, fields: readonly string[]]

/** `append` writes its fields in this order, and one more to the event that ends the run. */
export function entryEvent([id, [, event = '', , data = '', , at = '']]: RedisEntry): LogEvent {
  return { seq: Number(id.slice(2)), atMs: Number(at), event, data }
}

export function endsRun([, fields]: RedisEntry): boolean {
  return fields.length > 6
}

/** What `XREAD` answers, by stream. RESP2 has a list of pairs for it, RESP3 a map; `null` if nothing came. */
export function streamsOf(
  reply: unknown,
): readonly (readonly [key: string, entries: readonly RedisEntry[]])[] {
  if (reply === null) return []
  if (Array.isArray(reply)) return reply
  return Object.entries(reply as Record<string, readonly RedisEntry[]>)
}
