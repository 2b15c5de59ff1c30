import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Sequence } from '../src/sequence.ts'

describe('Sequence', () => {
  it('knows what came, what is missing and what came twice, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }), (numbers) => {
        const sequence = new Sequence()
        sequence.begin()
        const seen = new Set<number>()
        for (const seq of numbers) {
          expect(sequence.admit(seq)).toBe(!seen.has(seq))
          seen.add(seq)
        }
        const { last, gaps, duplicates } = sequence.snapshot()
        expect(last).toBe(Math.max(0, ...seen))
        expect(duplicates).toBe(numbers.length - seen.size)
        const missing = gaps.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i),
        )
        const wanted = Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !seen.has(seq))
        expect(missing).toEqual(wanted)
      }),
    )
  })

  it('stays disjoint and in order whatever gaps are announced', () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.tuple(fc.nat(20), fc.nat(20)))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const sequence = new Sequence()
        sequence.begin()
        for (const next of steps) {
          if (typeof next === 'number') sequence.admit(next)
          else sequence.miss(...next)
          const { last, gaps } = sequence.snapshot()
          let end = 0
          for (const { from, to } of gaps) {
            expect(from).toBeGreaterThan(end)
            expect(to).toBeGreaterThanOrEqual(from)
            end = to
          }
          expect(last).toBeGreaterThanOrEqual(end)
        }
      }),
    )
  })

  it('takes every number before the run is numbered', () => {
    const sequence = new Sequence()
    expect([5, 5, 1].map((seq) => sequence.admit(seq))).toEqual([true, true, true])
    expect(sequence.snapshot()).toEqual({ last: 0, gaps: [], duplicates: 0 })
  })

  it('hands out the same state until a number changes it', () => {
    const sequence = new Sequence()
    const empty = sequence.snapshot()
    sequence.begin()
    expect(sequence.snapshot()).toBe(empty)
    sequence.admit(3)
    const { gaps } = sequence.snapshot()
    sequence.admit(4)
    expect(sequence.snapshot().gaps).toBe(gaps)
  })
})
