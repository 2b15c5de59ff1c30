import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createQuantileSketch } from '../src/quantile-sketch.ts'

const sketchOf = (values: readonly number[]) => {
  const sketch = createQuantileSketch()
  for (const value of values) sketch.add(value)
  return sketch
}

describe('createQuantileSketch', () => {
  it('is within 0.1 % of the true quantile, whatever the numbers', () => {
    const values = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const sorted = given.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number
        const found = sketchOf(given).quantile(share) as number
        expect(Math.abs(found - exact) / exact).toBeLessThan(0.001_001)
      }),
    )
  })

  it('knows the greatest number and how many there were', () => {
    expect(sketchOf([3, 7.5, 1])).toMatchObject({ max: 7.5, count: 3 })
  })

  it('counts what is as good as nothing as 0', () => {
    const sketch = sketchOf([0, 0, 0, 5])
    expect([sketch.quantile(0.5), sketch.quantile(1)]).toEqual([0, 5])
  })

  it('has no quantiles of nothing', () => {
    expect(sketchOf([])).toMatchObject({ count: 0, max: undefined })
    expect(sketchOf([]).quantile(0.5)).toBeUndefined()
  })
})
