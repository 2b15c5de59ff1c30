import { decodePayload, type RecordedEvent, sseText } from '@agent-stream/protocol'

/** What a server sends in one piece: an event, or a heartbeat between two. */
export interface Frame {
  /** After the run's start, in milliseconds. */
  readonly dueMs: number
  readonly bytes: Uint8Array
  readonly isEvent: boolean
  /** The event's number, where it has one. */
  readonly seq: number | undefined
}

/** More in one pause than 40 hours have at the usual 15 s would be a recording that tells no time. */
const MAX_HEARTBEATS = 10_000

/**
 * The events as a server sends them, with the heartbeats between them that `run_started` announces: without those, a
 * client would take a tool that ran for a minute for a dead connection. At speed 0 there is no time for any.
 */
export function framesOf(events: readonly RecordedEvent[], speed: number, isCrlf: boolean): Frame[] {
  const encoder = new TextEncoder()
  const bytesOf = (text: string) => encoder.encode(isCrlf ? text.replaceAll('\n', '\r\n') : text)
  const heartbeat = bytesOf(': heartbeat\n\n')
  const frames: Frame[] = []
  let heartbeatMs = Infinity
  let atMs = 0
  for (const { t, event, data, seq } of events) {
    // A recorder whose clock was set back: the event follows at once.
    const dueMs = speed === 0 ? 0 : Math.max(atMs, (t * 1000) / speed)
    const count = Math.min(Math.ceil((dueMs - atMs) / heartbeatMs) - 1, MAX_HEARTBEATS)
    for (let n = 1; n <= count; n++) {
      frames.push({ dueMs: atMs + n * heartbeatMs, bytes: heartbeat, isEvent: false, seq: undefined })
    }
    atMs = dueMs
    // As it was on the wire, known to this version or not.
    const bytes = bytesOf(sseText(event, JSON.stringify(data ?? null), seq))
    frames.push({ dueMs, bytes, isEvent: true, seq })
    heartbeatMs = announcedMs(event, data) ?? heartbeatMs
  }
  return frames
}

/** The interval that a `run_started` announces; at least the second that the client takes a shorter one for. */
function announcedMs(event: string, data: unknown): number | undefined {
  const decoded = decodePayload(event, data)
  const ms = decoded.type === 'run_started' ? (decoded.heartbeatMs ?? 0) : 0
  return ms > 0 ? Math.max(1000, ms) : undefined
}

/** The frames of the first `count` events. */
export function cutAfterEvents(frames: readonly Frame[], count: number): readonly Frame[] {
  return frames.slice(0, frameAfter(frames, count))
}

/** The first `count` bytes; what is left of a frame is none. */
export function cutAfterBytes(frames: readonly Frame[], count: number): Frame[] {
  const kept: Frame[] = []
  let left = count
  for (const frame of frames) {
    if (left <= 0) break
    const bytes = frame.bytes.slice(0, left)
    kept.push({ ...frame, bytes, isEvent: frame.isEvent && bytes.length === frame.bytes.length })
    left -= bytes.length
  }
  return kept
}

/** The place after the `count`-th event; after the last frame if there are not so many. */
export function frameAfter(frames: readonly Frame[], count: number): number {
  if (count === 0) return 0
  let events = 0
  const index = frames.findIndex(({ isEvent }) => isEvent && ++events === count)
  return index === -1 ? frames.length : index + 1
}

/** What is sent to a client that has the events up to the number `seq` and asks when the run is `sinceMs` old. */
export function framesAfter(frames: readonly Frame[], seq: number, sinceMs: number): readonly Frame[] {
  const next = frames.findIndex((frame) => (frame.seq ?? 0) > seq)
  if (next === -1) return []
  // A gap that is told has no number, and its place between those that have.
  const start = frames.slice(0, next).findLastIndex((frame) => frame.seq !== undefined) + 1
  return frames
    .slice(start)
    .filter((frame) => (frame.isEvent ? (frame.seq ?? Infinity) > seq : frame.dueMs > sinceMs))
}
