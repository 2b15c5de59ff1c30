import { setImmediate, setTimeout } from 'node:timers/promises'
import { CLOSED_AT, DROPPED_AT } from './schedule.ts'
import type { Fault } from './stream-request.ts'

const FLUSH_MS = 500
/** How far each connection gets when every one is dropped. */
const DROPPED_EVERY = 0.18

export interface Passage {
  readonly fault: Fault
  /** The number of the last event that the reader has. */
  readonly after: number
  /** How many events the run will have, more or less. */
  readonly eventCount: number
  /** Cuts the connection. */
  readonly hangUp: () => void
}

/** What happens to a run's stream on its way to a reader. It is made of whole messages, as the run server writes them. */
export function faultyBody(
  body: ReadableStream<Uint8Array>,
  { fault, after, eventCount, hangUp }: Passage,
): ReadableStream<Uint8Array> {
  switch (fault) {
    case 'split-bytes':
      return body.pipeThrough(splitBytes())
    case 'drop':
      return body.pipeThrough(cutAfter(eventCount * DROPPED_AT, after, dropped))
    case 'drop-always': {
      const last = after + eventCount * DROPPED_EVERY
      return last < eventCount ? body.pipeThrough(cutAfter(last, after, dropped)) : body
    }
    case 'close-without-done':
      return body.pipeThrough(cutAfter(eventCount * CLOSED_AT, after, async () => {}))
    default:
      return body
  }

  async function dropped(): Promise<void> {
    // What is still in the socket's buffer would be lost with it, now more of it and now less.
    await setTimeout(FLUSH_MS)
    hangUp()
  }
}

function splitBytes(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    async transform(chunk, controller) {
      for (let i = 0; i < chunk.length; i++) {
        controller.enqueue(chunk.subarray(i, i + 1))
        // Each byte leaves the process on its own.
        await setImmediate()
      }
    },
  })
}

/** Ends with the first event whose number is not below `last`; a reader that has it already gets everything. */
function cutAfter(
  last: number,
  after: number,
  then: () => Promise<void>,
): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  return new TransformStream({
    async transform(chunk, controller) {
      if (after >= last) return controller.enqueue(chunk)
      for (const message of decoder.decode(chunk, { stream: true }).split(/(?<=\n\n)/)) {
        controller.enqueue(encoder.encode(message))
        if (Number(/^id: (\d+)$/m.exec(message)?.[1] ?? 0) < last) continue
        await then()
        return controller.terminate()
      }
    },
  })
}
