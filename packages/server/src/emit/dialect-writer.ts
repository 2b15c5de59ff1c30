import type { AgentEvent, Wire } from '@agent-stream/protocol'

/** What a reader of another wire has: all of the events up to `seq`, and so many messages of the next one. */
export interface DialectCursor {
  readonly seq: number
  readonly messages: number
}

/** Writes one run in another wire, as SSE text. */
export interface DialectWriter {
  /** What an event adds. With its number, its messages carry ids from which the next reader can go on. */
  write(event: AgentEvent, seq?: number): string
  /** What follows the last event. */
  end(): string
}

export interface DialectWriterOptions {
  readonly dialect: Wire
  /** What was asked with, as a JSON value: the answer may have to repeat some of it. */
  readonly body?: unknown
  /** What the reader has: it is not written again. Default: nothing. */
  readonly after?: DialectCursor
}

export const FROM_START: DialectCursor = { seq: 0, messages: 0 }

export function createDialectWriter(options: DialectWriterOptions): DialectWriter {
  const { dialect, body, after = FROM_START } = options
  const encoder = dialect.createEncoder(dialect.optionsOf(body))

  /** How many messages of an event with this number the reader has. */
  function knownOf(seq: number | undefined): number {
    if (seq === undefined || seq > after.seq + 1) return 0
    return seq <= after.seq ? Number.POSITIVE_INFINITY : after.messages
  }

  return {
    write(event, seq) {
      const known = knownOf(event.type === 'gap' ? event.toSeq : seq)
      const messages = encoder.encode(event)
      return messages
        .map((message, index) =>
          index < known ? '' : messageText(JSON.stringify(message), idOf(seq, index + 1, messages.length)),
        )
        .join('')
    },
    end: () => (dialect.trailer === undefined ? '' : messageText(dialect.trailer)),
  }
}

/** The event's number with its last message; with those before, that of the event before and how many they are. */
function idOf(seq: number | undefined, place: number, count: number): string | undefined {
  if (seq === undefined) return undefined
  return place === count ? String(seq) : `${seq - 1}.${place}`
}

function messageText(data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`
}
