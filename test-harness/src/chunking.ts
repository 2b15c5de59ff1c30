import { rechunk } from '@agent-stream/core/testing'

/**
 * Where a stream's bytes are cut:
 * - `'event'`: after each event
 * - a number: after every so many bytes, which splits events and characters
 * - a list: after so many bytes each, from the beginning again when it is used up
 */
export type Chunking = 'event' | number | readonly number[]

/** A piece of the stream, and the event that its last byte belongs to. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly eventIndex: number
}

/** The events' bytes, one after the other, cut as asked: nothing is lost, added or moved. */
export function cutEvents(events: readonly Uint8Array[], chunking: Chunking): Piece[] {
  if (chunking === 'event') return events.map((bytes, eventIndex) => ({ bytes, eventIndex }))
  const whole = joined(events)
  const pieces = typeof chunking === 'number' ? rechunk(whole, chunking) : cutBySizes(whole, chunking)
  let endsAt = 0
  let eventIndex = -1
  let eventsEndAt = 0
  return pieces.map((bytes) => {
    endsAt += bytes.length
    while (eventsEndAt < endsAt) eventsEndAt += (events[++eventIndex] as Uint8Array).length
    return { bytes, eventIndex }
  })
}

/** The caller's mistake: with such sizes a cut would never get to the end. */
export function checkChunking(chunking: Chunking): void {
  if (chunking === 'event') return
  const sizes = typeof chunking === 'number' ? [chunking] : chunking
  if (sizes.length > 0 && sizes.every((size) => Number.isSafeInteger(size) && size > 0)) return
  throw new TypeError(
    `replay: chunking is ${JSON.stringify(chunking)}; give 'event' or whole bytes from 1 on`,
  )
}

function cutBySizes(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += pieces.at(-1)?.length ?? 0) {
    pieces.push(bytes.slice(start, start + (sizes[pieces.length % sizes.length] as number)))
  }
  return pieces
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
