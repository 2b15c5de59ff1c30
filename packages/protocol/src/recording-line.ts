import { crc32 } from './text-hash.ts'

/** How a recorded session ended: its source was read to the end, given up by its reader, or broke. */
export type SessionEnd = 'complete' | 'aborted' | 'error'

/** The name of the line that closes a session (version 2). */
export const SESSION_END = 'session_end'

export interface SessionHeader {
  /** A UUID; event lines carry it as `sid`. */
  readonly session: string
  /** ISO 8601. */
  readonly startedAt: string
  /**
   * Whatever else belongs to the session: request id, model, tags. Written after the known keys, which it
   * cannot replace; a key `crc` is dropped, it would read as a checksum.
   */
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface EventLine {
  /** Seconds since the session's start; written to the millisecond. */
  readonly t: number
  readonly event: string
  /** The payload as the wire has it, in snake_case. */
  readonly data: unknown
  readonly sid: string
  readonly seq?: number
  /** In run logs, on the event that ended the run: its outcome. */
  readonly outcome?: string
}

/** The line that opens a session (format version 2), without its line end. */
export function headerLine({ session, startedAt, metadata }: SessionHeader): string {
  const known = { session, started_at: startedAt, t: 0, v: 2 }
  return spacedJson({ ...known, ...metadata, ...known, crc: undefined })
}

/** One event's line, without its line end. */
export function eventLine({ data, ...line }: EventLine): string {
  return eventLineOf(line, spacedJson(data))
}

/** One event's line, of a payload that is `spacedJson` already. */
export function eventLineOf(line: Omit<EventLine, 'data'>, dataJson: string): string {
  const { t, event, sid, seq, outcome } = line
  const parts = [
    `{"t": ${Math.round(t * 1000) / 1000}, "event": ${JSON.stringify(event)}, "data": ${dataJson}`,
    `"sid": ${JSON.stringify(sid)}`,
  ]
  if (seq !== undefined) parts.push(`"seq": ${seq}`)
  if (outcome !== undefined) parts.push(`"outcome": ${JSON.stringify(outcome)}`)
  return `${parts.join(', ')}}`
}

/** The line that closes a session, without its line end. */
export function endLine(t: number, sid: string, status: SessionEnd): string {
  return eventLine({ t, event: SESSION_END, data: { status }, sid })
}

/**
 * The line with the checksum that a run log's lines carry: CRC-32 of the bytes before `, "crc"`. `checksum`: a
 * faster `crc32`, where the platform has one.
 */
export function withChecksum(line: string, checksum: (text: string) => string = crc32): string {
  const body = line.slice(0, -1)
  return `${body}, "crc": "${checksum(body)}"}`
}

const CHECKSUM = /^, "crc": "([0-9a-f]{8})"\}$/
const CHECKSUM_CHARS = ', "crc": "00000000"}'.length

/** Whether the line's checksum fits; true when it has none. `checksum` as for `withChecksum`. */
export function hasValidChecksum(line: string, checksum: (text: string) => string = crc32): boolean {
  const match = CHECKSUM.exec(line.slice(-CHECKSUM_CHARS))
  return !match || checksum(line.slice(0, -CHECKSUM_CHARS)) === match[1]
}

/**
 * JSON with `", "` and `": "` between its parts, as Python's `json.dumps` writes it, so that a
 * `grep '"event": "error"'` finds the lines of both. Line breaks cannot stand inside JSON strings.
 */
export function spacedJson(value: unknown): string {
  return JSON.stringify(value ?? null, null, 1)
    .replace(/,\n */g, ', ')
    .replace(/\n */g, '')
}
