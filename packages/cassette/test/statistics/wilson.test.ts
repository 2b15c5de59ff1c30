import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { wilsonInterval } from '../../src/statistics/wilson.ts'

/** How many standard deviations the share that was seen lies from a true one. */
function deviations(share: number, truth: number, trials: number): number {
  return Math.abs(share - truth) / Math.sqrt((truth * (1 - truth)) / trials)
}

describe('wilsonInterval', () => {
  it('ends where what was seen lies 1.96 standard deviations away', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 2000 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (trials, share) => {
          const { low, high } = wilsonInterval(share * trials, trials)
          expect(deviations(share, low, trials)).toBeCloseTo(1.96, 4)
          expect(deviations(share, high, trials)).toBeCloseTo(1.96, 4)
          expect(low).toBeLessThan(share)
          expect(high).toBeGreaterThan(share)
        },
      ),
    )
  })

  it('stays within 0 and 1, and is never a point', () => {
    expect(wilsonInterval(10, 10)).toEqual({ low: expect.closeTo(0.722, 3), high: expect.closeTo(1) })
    expect(wilsonInterval(0, 10)).toEqual({ low: expect.closeTo(0), high: expect.closeTo(0.278, 3) })
  })

  it('knows nothing without a trial', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})
