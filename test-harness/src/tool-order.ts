import { type AgentEvent, decodePayload, type RecordedEvent } from '@agent-stream/protocol'

import { randomBelow } from './seeded-random.ts'

type ToolEvent = Extract<AgentEvent, { readonly toolUseId: string; readonly type: `tool_${string}` }>

/** A tool's call, fragments and results: what is of one kind keeps its own order. */
type Queue = RecordedEvent[]

/**
 * The same events with those of tools in another order, as if the tools had been quicker or slower: within a turn,
 * and in such a way that the protocol promises the same tools (`spec/protocol.md`, section 4.2). Times and numbers
 * stay at their places, since a server numbers what it sends. A recording with tools that have no id stays as it is,
 * as nothing is promised for those.
 */
export function reorderTools(events: readonly RecordedEvent[], random: () => number): RecordedEvent[] {
  const decoded = events.map(({ event, data }) => decodePayload(event, data))
  if (decoded.some((event) => isToolEvent(event) && event.toolUseId === '')) return [...events]
  const reordered = [...events]
  let places: number[] = []
  let queues = new Map<string, Queue>()
  decoded.forEach((event, index) => {
    if (isToolEvent(event)) {
      const key = JSON.stringify([event.branchId, event.toolUseId, event.type])
      queues.set(key, [...(queues.get(key) ?? []), events[index] as RecordedEvent])
      places.push(index)
    } else if (event.type === 'turn' || event.type === 'rollback' || event.type === 'done') {
      place(places, [...queues.values()])
      places = []
      queues = new Map()
    }
  })
  place(places, [...queues.values()])
  return reordered

  /** Each place takes the next of one of the queues. */
  function place(at: readonly number[], waiting: Queue[]): void {
    for (const index of at) {
      const queueIndex = randomBelow(waiting.length, random)
      const queue = waiting[queueIndex] as Queue
      const { event, data } = queue.shift() as RecordedEvent
      reordered[index] = { ...(events[index] as RecordedEvent), event, data }
      if (queue.length === 0) waiting.splice(queueIndex, 1)
    }
  }
}

function isToolEvent(event: { readonly type: string }): event is ToolEvent {
  return event.type === 'tool_use' || event.type === 'tool_input_delta' || event.type === 'tool_result'
}
