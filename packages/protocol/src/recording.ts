import { hasValidChecksum, SESSION_END, type SessionEnd } from './recording-line.ts'
import { isRecord } from './shape.ts'

export interface RecordedEvent {
  /** Seconds since the session's start. */
  readonly t: number
  /** The event's name on the wire; `decodePayload` makes an event of it. */
  readonly event: string
  readonly data: unknown
  readonly seq?: number
}

export interface RecordedSession {
  readonly id: string
  /** ISO 8601; empty when the header line is lost. */
  readonly startedAt: string
  readonly version: 1 | 2
  readonly events: readonly RecordedEvent[]
  /** How it ended; `null` when the recording does not say (version 1, or a crash). */
  readonly end: SessionEnd | null
  /** The header's other keys. */
  readonly metadata: Readonly<Record<string, unknown>>
}

export type RecordingProblemCode =
  /** The last line is cut off: the writer was interrupted. */
  | 'torn_line'
  | 'not_json'
  /** JSON, but neither a session header nor an event. */
  | 'foreign_line'
  /** An event of format version 1 before any header. */
  | 'no_session'
  /** The line's checksum does not fit its bytes. */
  | 'bad_checksum'
  | 'line_too_long'

/** A line that was passed over. */
export interface RecordingProblem {
  readonly code: RecordingProblemCode
  /** From 1. */
  readonly line: number
  readonly message: string
}

export interface RecordingHandlers {
  /** A session's first line, or its first event where the header is lost. */
  readonly onSession?: (session: Omit<RecordedSession, 'events' | 'end'>) => void
  readonly onEvent?: (sessionId: string, event: RecordedEvent) => void
  readonly onEnd?: (sessionId: string, end: SessionEnd) => void
  readonly onProblem?: (problem: RecordingProblem) => void
}

export interface RecordingReader {
  /** Takes the next piece of text, cut anywhere. */
  feed(text: string): void
  /** Takes what stands after the last line end. */
  end(): void
}

export const MAX_LINE_CHARS = 2 ** 24

/**
 * Reads recordings line by line in bounded memory: format version 1 (the Python recorder's) and 2, several
 * sessions after or among each other. A line that cannot be read costs that line.
 */
export function createRecordingReader(
  handlers: RecordingHandlers,
  { maxLineChars = MAX_LINE_CHARS }: { readonly maxLineChars?: number } = {},
): RecordingReader {
  const lines = new LineReader(handlers, maxLineChars)
  const pieces: string[] = []
  let pendingChars = 0
  let isTooLong = false

  function keep(piece: string): void {
    pendingChars += piece.length
    isTooLong ||= pendingChars > maxLineChars
    if (isTooLong) pieces.length = 0
    else pieces.push(piece)
  }

  function flush(isLast: boolean): void {
    if (isTooLong) lines.tooLong()
    else lines.read(pieces.join(''), isLast)
    pieces.length = 0
    pendingChars = 0
    isTooLong = false
  }

  return {
    feed(text) {
      let start = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        keep(text.slice(start, end))
        flush(false)
        start = end + 1
      }
      if (start < text.length) keep(text.slice(start))
    },
    end() {
      if (pendingChars > 0) flush(true)
    },
  }
}

/** All sessions of a recording, in the order in which they begin, and the lines that were passed over. */
export function parseRecording(text: string): {
  readonly sessions: readonly RecordedSession[]
  readonly problems: readonly RecordingProblem[]
} {
  const sessions = new Map<string, RecordedSession & { events: RecordedEvent[]; end: SessionEnd | null }>()
  const problems: RecordingProblem[] = []
  const reader = createRecordingReader({
    onSession: (session) => sessions.set(session.id, { ...session, events: [], end: null }),
    onEvent: (id, event) => sessions.get(id)?.events.push(event),
    onEnd(id, end) {
      const session = sessions.get(id)
      if (session) session.end = end
    },
    onProblem: (problem) => problems.push(problem),
  })
  reader.feed(text)
  reader.end()
  return { sessions: [...sessions.values()], problems }
}

class LineReader {
  readonly #handlers: RecordingHandlers
  readonly #maxLineChars: number
  readonly #known = new Set<string>()
  #line = 0
  /** The session of the last header, which version 1's event lines belong to. */
  #current: string | undefined

  constructor(handlers: RecordingHandlers, maxLineChars: number) {
    this.#handlers = handlers
    this.#maxLineChars = maxLineChars
  }

  tooLong(): void {
    this.#line++
    this.#report('line_too_long', `more than ${this.#maxLineChars} characters`)
  }

  read(rawLine: string, isLast: boolean): void {
    this.#line++
    // Trims a carriage return, and the byte order mark of a file's first line.
    const line = rawLine.trim()
    if (line === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      if (isLast) this.#report('torn_line', 'the last line is cut off')
      else this.#report('not_json', `not JSON: ${line.slice(0, 80)}`)
      return
    }
    if (!hasValidChecksum(line)) this.#report('bad_checksum', 'the checksum does not fit the line')
    else if (!isRecord(value)) this.#report('foreign_line', 'neither a session header nor an event')
    else if (typeof value.session === 'string') this.#header(value.session, value)
    else this.#event(value)
  }

  #header(id: string, { session: _, started_at, t, v, crc, ...metadata }: Record<string, unknown>): void {
    this.#current = id
    // A file begun by rotation repeats the header: the session goes on.
    if (this.#known.has(id)) return
    const startedAt = typeof started_at === 'string' ? started_at : ''
    this.#begin({ id, startedAt, version: v === undefined ? 1 : 2, metadata })
  }

  #event({ t, event, data, sid, seq }: Record<string, unknown>): void {
    if (typeof t !== 'number' || typeof event !== 'string') {
      this.#report('foreign_line', 'neither a session header ("session") nor an event ("t", "event")')
      return
    }
    const id = typeof sid === 'string' ? sid : this.#current
    if (id === undefined) {
      this.#report('no_session', 'an event before any session header')
      return
    }
    if (!this.#known.has(id)) this.#begin({ id, startedAt: '', version: 2, metadata: {} })
    if (event === SESSION_END) this.#handlers.onEnd?.(id, endStatus(data))
    else this.#handlers.onEvent?.(id, { t, event, data, ...(typeof seq === 'number' && { seq }) })
  }

  #begin(session: Omit<RecordedSession, 'events' | 'end'>): void {
    this.#known.add(session.id)
    this.#handlers.onSession?.(session)
  }

  #report(code: RecordingProblemCode, message: string): void {
    this.#handlers.onProblem?.({ code, line: this.#line, message: `line ${this.#line}: ${message}` })
  }
}

function endStatus(data: unknown): SessionEnd {
  const status = isRecord(data) ? data.status : undefined
  return status === 'aborted' || status === 'error' ? status : 'complete'
}
