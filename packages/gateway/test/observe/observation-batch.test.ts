import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Observation } from '../../src/observe/observation.ts'
import { ObservationBatch, unpackObservations } from '../../src/observe/observation-batch.ts'

const call = fc.constantFrom('a', 'b', 'c')
const bytes = fc.uint8Array({ maxLength: 9000 })
const atMs = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({ type: fc.constant('chunk' as const), call, atMs, bytes }),
  fc.record({ type: fc.constant('request' as const), call, bytes }),
  fc.record({
    type: fc.constant('end' as const),
    call,
    atMs,
    outcome: fc.constant('complete' as const),
    clientStalledMs: fc.nat(),
    droppedBytes: fc.nat(),
    isRequestCut: fc.boolean(),
  }),
)

describe('a batch of observations', () => {
  it('is what was put in, in its order, also when it was handed to another thread', () => {
    const batch = new ObservationBatch()
    fc.assert(
      fc.property(fc.array(observation), (observations) => {
        for (const each of observations) {
          if (each.type === 'chunk' || each.type === 'request') batch.add(each)
          else batch.say(each as Extract<Observation, { type: 'end' }>)
        }
        const packed = batch.take()
        expect(batch.weight).toBe(0)
        const handed = structuredClone(packed, { transfer: [packed.order.buffer, packed.bytes.buffer] })
        expect([...unpackObservations(handed)]).toEqual(observations)
      }),
    )
  })

  it('counts what it weighs', () => {
    const batch = new ObservationBatch()
    batch.add({ type: 'chunk', call: 'a', atMs: 1, bytes: new Uint8Array(1000) })
    batch.add({ type: 'request', call: 'a', bytes: new Uint8Array(0) })
    expect(batch.take().weight).toBe(1400)
  })
})
