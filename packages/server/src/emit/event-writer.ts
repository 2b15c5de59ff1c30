import {
  type AgentEvent,
  createFold,
  decodePayload,
  encodePayload,
  spacedJson,
  sseText,
} from '@agent-stream/protocol'

import { withFinalPacket } from './final-packet.ts'

/**
 * Writes the events of one stream as SSE text: from `run_started` on with numbers, and `done` with its final packet
 * unless it brings one. Throws `TypeError` for what is no event, and for what would follow the `done` of a run.
 */
export type EventWriter = (event: AgentEvent) => string

export function createEventWriter(): EventWriter {
  const run = createFold()
  /** The number of the run's last event; `undefined` before `run_started`. */
  let last: number | undefined
  let hasEnded = false

  /** Takes the next event of a run; returns its number. */
  function admit(event: AgentEvent): number | undefined {
    hasEnded = event.type === 'done'
    if (event.type !== 'gap') last = (last ?? 0) + 1
    const seq = event.type === 'gap' ? undefined : last
    run.apply(event, seq)
    return seq
  }

  return (event) => {
    const { type } = event
    if (hasEnded)
      throw new TypeError(`"${type}" cannot follow "done", which ended the run; start another run`)
    if (last !== undefined && type === 'run_started') {
      throw new TypeError('"run_started" came twice; a stream carries one run, and begins with it')
    }
    const isNumbered = last !== undefined || type === 'run_started'
    const payload = encodePayload(
      isNumbered && type === 'done' && !event.final ? withFinalPacket(event, run.snapshot()) : event,
    )
    // What a reader will make of it.
    const decoded = decodePayload(type, payload)
    if (decoded.type === 'warning') throw new TypeError(decoded.message)
    const seq = isNumbered ? admit(decoded) : undefined
    return sseText(type, spacedJson(payload), seq)
  }
}
