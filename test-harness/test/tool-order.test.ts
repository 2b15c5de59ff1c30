import { type AgentEvent, createFold, decodePayload, type RecordedEvent } from '@agent-stream/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { seededRandom } from '../src/seeded-random.ts'
import { reorderTools } from '../src/tool-order.ts'
import { allSessions, parallelTools, runLog } from './fixtures/sessions.ts'

const reordered = (events: readonly RecordedEvent[], seed: number) => reorderTools(events, seededRandom(seed))

const called = (events: readonly RecordedEvent[]) =>
  events.map(({ event, data }) => `${event} ${(data as { tool_use_id?: string }).tool_use_id ?? ''}`)

describe('reorderTools', () => {
  it('is the same for the same seed, and differs between seeds', () => {
    expect(reordered(parallelTools.events, 3)).toEqual(reordered(parallelTools.events, 3))
    const orders = [1, 2, 3, 4, 5].map((seed) => String(called(reordered(parallelTools.events, seed))))
    expect(new Set(orders).size).toBeGreaterThan(2)
  })

  it('keeps every event, its turn, and the times and numbers of the places', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...allSessions), (seed, [, { events }]) => {
        const result = reordered(events, seed)
        expect(result.map(({ t, seq }) => [t, seq])).toEqual(events.map(({ t, seq }) => [t, seq]))
        expect(turns(result)).toEqual(turns(events))
      }),
      { numRuns: 20 },
    )
    function turns(events: readonly RecordedEvent[]) {
      return called(events)
        .join('\n')
        .split(/^turn /m)
        .map((turn) => turn.split('\n').sort())
    }
  })

  it('keeps what one tool says in its order', () => {
    const delta = (text: string, id: string): RecordedEvent => ({
      t: 0,
      event: 'tool_input_delta',
      data: { tool_use_id: id, delta: text },
    })
    const events = [...'{"a": 1}'].flatMap((char) => [delta(char, 't1'), delta(char, 't2')])
    for (let seed = 0; seed < 20; seed++) {
      const fold = createFold()
      for (const { event, data } of reordered(events, seed))
        fold.apply(decodePayload(event, data) as AgentEvent)
      expect(fold.snapshot().tools.map(({ inputText }) => inputText)).toEqual(['{"a": 1}', '{"a": 1}'])
    }
  })

  it('leaves a recording alone whose tools have no ids', () => {
    const events = runLog.events.map((event) => ({
      ...event,
      data: { ...(event.data as object), tool_use_id: '' },
    }))
    expect(reordered(events, 5)).toEqual(events)
  })
})
