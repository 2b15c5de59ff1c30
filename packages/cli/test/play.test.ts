import { SimulatedClock } from '@agent-stream/core/testing'
import type { RecordedEvent } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { play } from '../src/play.ts'

const turns = (...times: readonly number[]): RecordedEvent[] =>
  times.map((t) => ({ t, event: 'turn', data: { turn_number: 1 } }))

/** When each frame was given out, by a reader who needs so long for the first. */
async function timesOf(
  events: readonly RecordedEvent[],
  clock: SimulatedClock,
  firstMs = 0,
): Promise<number[]> {
  const times: number[] = []
  const done = (async () => {
    for await (const _ of play(events, { speed: 1, maxGapSeconds: Infinity, clock })) {
      times.push(clock.now())
      if (times.length === 1)
        await new Promise((resolve) => clock.setTimeout(() => resolve(undefined), firstMs))
    }
  })()
  await clock.advance(10_000)
  await done
  return times
}

describe('play', () => {
  it('gives each event out when it is due', async () => {
    expect(await timesOf(turns(0.5, 0.75, 0.75, 2), new SimulatedClock())).toEqual([500, 750, 750, 2000])
  })

  it('counts from when the first was written', async () => {
    expect(await timesOf(turns(0.5, 0.75, 2), new SimulatedClock(), 4)).toEqual([500, 754, 2004])
  })
})
