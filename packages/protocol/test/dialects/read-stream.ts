import type { Dialect } from '../../src/dialect.ts'
import {
  type AgentEvent,
  createFold,
  createSseReader,
  decodePayload,
  encodePayload,
  endRun,
  eventLine,
  headerLine,
  parseRecording,
  type RunState,
  type StreamWarning,
} from '../../src/index.ts'

export interface StreamRead {
  readonly decoded: readonly (AgentEvent | StreamWarning)[]
  readonly events: readonly AgentEvent[]
  /** The state after the end of the stream, ended if no `done` did. */
  readonly state: RunState
}

/** A response in these pieces, through the SSE reader, the dialect and the fold. */
export function readStream(dialect: Dialect, pieces: Iterable<Uint8Array | string>): StreamRead {
  const decoder = dialect.createDecoder()
  const decoded: (AgentEvent | StreamWarning)[] = []
  const reader = createSseReader({ onMessage: (message) => decoded.push(...decoder.decode(message)) })
  for (const piece of pieces) reader.feed(piece)
  decoded.push(...decoder.end())
  return {
    decoded,
    events: decoded.filter((item) => item.type !== 'warning'),
    state: stateOf(decoded),
  }
}

export function stateOf(decoded: Iterable<AgentEvent | StreamWarning>): RunState {
  const run = createFold()
  for (const item of decoded) {
    if (item.type === 'warning') run.warn(item)
    else run.apply(item)
  }
  return endRun(run.snapshot(), 'closed')
}

/** The events, written as a recording's lines and read again. */
export function recorded(events: readonly AgentEvent[]): readonly (AgentEvent | StreamWarning)[] {
  const sid = '00000000-0000-4000-8000-000000000000'
  const lines = events.map((event) => eventLine({ t: 0, event: event.type, data: encodePayload(event), sid }))
  const header = headerLine({ session: sid, startedAt: '2026-01-02T03:04:05.000Z' })
  const { sessions } = parseRecording([header, ...lines, ''].join('\n'))
  return sessions.flatMap((session) => session.events.map(({ event, data }) => decodePayload(event, data)))
}

export function* singleBytes(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1)
}

export function* cutAt(bytes: Uint8Array, cuts: readonly number[]): Iterable<Uint8Array> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (const [index, end] of places.entries()) yield bytes.subarray(places[index - 1] ?? 0, end)
}
