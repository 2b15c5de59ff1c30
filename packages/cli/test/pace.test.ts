import { describe, expect, it } from 'vitest'

import { createPace } from '../src/pace.ts'

const dueTimes = (times: number[], speed = 1, maxGapSeconds = Infinity) =>
  times.map(createPace({ speed, maxGapSeconds }))

describe('createPace', () => {
  it('is due when it was recorded', () => {
    expect(dueTimes([0.5, 0.75, 2])).toEqual([500, 750, 2000])
  })

  it('is faster or slower, or at once', () => {
    expect(dueTimes([0.5, 1], 2)).toEqual([250, 500])
    expect(dueTimes([0.5, 1], 0.5)).toEqual([1000, 2000])
    expect(dueTimes([0.5, 100], 0)).toEqual([0, 0])
  })

  it('cuts pauses that are longer than the limit, and keeps the others', () => {
    expect(dueTimes([0.5, 60, 60.25], 1, 2)).toEqual([500, 2500, 2750])
  })

  it('takes the limit for a pause of the replay, not of the recording', () => {
    expect(dueTimes([8], 4, 2)).toEqual([2000])
  })

  it('lets events follow at once where the recorder’s clock was set back', () => {
    expect(dueTimes([1, 0.4, 1.5])).toEqual([1000, 1000, 1500])
  })
})
