import {
  type AgentEvent,
  createSseReader,
  decodeEvent,
  decodePayload,
  type Wire,
} from '@agent-stream/protocol'

import { createDialectWriter } from './dialect-writer.ts'
import { createEventWriter } from './event-writer.ts'

/** What a response makes of what its source gives. */
export interface ResponseChunks {
  event(event: AgentEvent): string
  /** SSE text, or bytes of it, as it is cut. */
  text(chunk: string | Uint8Array): string | Uint8Array
  /** Nothing may follow. */
  isDone(): boolean
}

/** As agent-stream's own events: text goes through as it is. */
export function createOwnChunks(): ResponseChunks {
  const write = createEventWriter()
  let isDone = false
  return {
    event(event) {
      const text = write(event)
      isDone = event.type === 'done'
      return text
    },
    text: (chunk) => chunk,
    isDone: () => isDone,
  }
}

/** As the messages of another wire. */
export function createDialectChunks(dialect: Wire, body: unknown): ResponseChunks {
  const writer = createDialectWriter({ dialect, body })
  let written = ''
  let isDone = false
  const reader = createSseReader({
    onMessage(message) {
      const event = decodeEvent(message)
      if (event.type !== 'warning') add(event)
    },
  })

  function add(event: AgentEvent): void {
    written += writer.write(event)
    if (event.type !== 'done') return
    if (!isDone) written += writer.end()
    isDone = true
  }

  function take(): string {
    const taken = written
    written = ''
    return taken
  }

  return {
    event(event) {
      // With its defaults filled in, which a reader of the other wire would not do.
      const whole = decodePayload(event.type, event)
      if (whole.type === 'warning') throw new TypeError(whole.message)
      add(whole)
      return take()
    },
    text(chunk) {
      reader.feed(chunk)
      return take()
    },
    isDone: () => isDone,
  }
}
