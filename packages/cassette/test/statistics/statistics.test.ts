import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanDifference, meanOf } from '../../src/statistics/mean.ts'
import { comparePasses } from '../../src/statistics/paired.ts'
import { seededRandom } from '../../src/statistics/random.ts'
import { wilsonInterval } from '../../src/statistics/wilson.ts'

describe('wilsonInterval', () => {
  // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is as published', (passed, total, low, high) => {
    const interval = wilsonInterval(passed, total)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('contains the share, within 0 and 1, and is all of it for nothing counted', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (a, b) => {
        const [passed, total] = [Math.min(a, b), Math.max(a, b, 1)]
        const { low, high } = wilsonInterval(passed, total)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low - 1e-12).toBeLessThanOrEqual(passed / total)
        expect(high + 1e-12).toBeGreaterThanOrEqual(passed / total)
      }),
    )
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('meanOf', () => {
  it('has no mean of nothing, and no interval of few values', () => {
    expect(meanOf([])).toBeNull()
    expect(meanOf([1, 0, 1, 1])).toEqual({ mean: 0.75, count: 4, interval: null })
  })

  it('has an interval about as wide as theory has it, the same each time', () => {
    const random = seededRandom(3)
    const values = Array.from({ length: 400 }, random)
    const { mean = 0, interval } = meanOf(values) ?? {}
    const expected = 1.96 * Math.sqrt(1 / 12 / 400)
    expect((interval?.high ?? 0) - mean).toBeCloseTo(expected, 2)
    expect(mean - (interval?.low ?? 0)).toBeCloseTo(expected, 2)
    expect(meanOf(values)).toEqual(meanOf(values))
  })

  it('is sure of values that are all the same', () => {
    expect(meanOf([2, 2, 2, 2, 2, 2])).toEqual({ mean: 2, count: 6, interval: { low: 2, high: 2 } })
  })
})

describe('meanDifference', () => {
  it('compares pair by pair, which is surer than mean by mean', () => {
    const pairs = Array.from({ length: 30 }, (_, i) => [i * 10, i * 10 + 1 + (i % 3) * 0.1] as const)
    const { mean, interval } = meanDifference(pairs) ?? {}
    expect(mean).toBeCloseTo(1.1)
    expect(interval?.low).toBeGreaterThan(1)
    expect(interval?.high).toBeLessThan(1.2)
    expect(meanDifference([])).toBeNull()
  })
})

describe('comparePasses', () => {
  const rows = (onlyFirst: number, onlySecond: number, both = 10) => [
    ...Array.from({ length: onlyFirst }, () => [true, false] as const),
    ...Array.from({ length: onlySecond }, () => [false, true] as const),
    ...Array.from({ length: both }, () => [true, true] as const),
  ]

  it.each([
    [0, 0, 1],
    [5, 5, 1],
    [6, 0, 0.03125],
    // 2 × (1 + 12 + 66) / 2¹².
    [2, 10, 0.03857421875],
  ])('finds %i against %i as probable as %d', (onlyFirst, onlySecond, pValue) => {
    const found = comparePasses(rows(onlyFirst, onlySecond))
    expect(found).toMatchObject({ onlyFirst, onlySecond })
    expect(found.pValue).toBeCloseTo(pValue, 10)
  })

  it('keeps its numbers for thousands of rows', () => {
    expect(comparePasses(rows(2500, 2500)).pValue).toBe(1)
    expect(comparePasses(rows(2000, 3000)).pValue).toBeLessThan(1e-30)
  })
})

describe('seededRandom', () => {
  it('is even, and the same for the same seed', () => {
    const [one, two, other] = [seededRandom(1), seededRandom(1), seededRandom(2)]
    const values = Array.from({ length: 10_000 }, one)
    expect(values.slice(0, 5)).toEqual(Array.from({ length: 5 }, two))
    expect(values[0]).not.toBe(other())
    expect(values.reduce((sum, value) => sum + value) / 10_000).toBeCloseTo(0.5, 1)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  })
})
