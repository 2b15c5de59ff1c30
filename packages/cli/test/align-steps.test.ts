import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { alignSteps } from '../src/align-steps.ts'
import type { RunStep } from '../src/run-steps.ts'

/** `a b! c=2` are the steps a, b, which has a name, and c with the content 2, each 10 ms after the one before. */
function stepsOf(text: string, stepMs = 10): RunStep[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word, place) => {
      const [, key = '', name, value] = /^(\w+)(!?)(?:=(.*))?$/.exec(word) ?? []
      return { key, isNamed: name === '!', atMs: place * stepMs, content: { value } }
    })
}

const changesOf = (a: string, b: string) =>
  alignSteps(stepsOf(a), stepsOf(b)).map(({ change, ...row }) => `${change} ${(row.b ?? row.a)?.key}`)

describe('alignSteps', () => {
  it('pairs what is the same, and says what is not', () => {
    expect(changesOf('a b c', 'a c d')).toEqual(['same a', 'removed b', 'same c', 'added d'])
  })

  it('says what has another content', () => {
    expect(changesOf('a=1 b', 'a=2 b')).toEqual(['changed a', 'same b'])
  })

  it('finds what has a name at another place', () => {
    expect(changesOf('a x! b', 'a b x!')).toEqual(['same a', 'same b', 'moved x'])
    expect(changesOf('a x b', 'a b x')).toEqual(['same a', 'removed x', 'same b', 'added x'])
  })

  it('finds as many of a name as both have', () => {
    expect(changesOf('x! x! a', 'a x!')).toEqual(['removed x', 'same a', 'moved x'])
  })

  it('says where time was lost or won, once', () => {
    const [a, b] = [stepsOf('a b c d', 100), stepsOf('a b c d', 100)]
    const late = b.map((step, place) => (place < 2 ? step : { ...step, atMs: step.atMs + 500 }))
    const pacesOf = (from: RunStep[], to: RunStep[]) =>
      alignSteps(from, to).map(({ delayMs, pace }) => [delayMs, pace])
    expect(pacesOf(a, late)).toEqual([
      [0, undefined],
      [0, undefined],
      [500, 'slower'],
      [0, undefined],
    ])
    expect(pacesOf(late, a)[2]).toEqual([-500, 'faster'])
  })

  it('takes less than a tenth of a second, or less than half, for nothing', () => {
    const paceOf = (usualMs: number, ms: number) =>
      alignSteps(stepsOf('a b', usualMs), stepsOf('a b', ms))[1]?.pace
    expect(paceOf(10, 105)).toBeUndefined()
    expect(paceOf(1000, 1400)).toBeUndefined()
    expect(paceOf(1000, 1600)).toBe('slower')
  })

  it('has every step of both exactly once, whatever they are', () => {
    const words = fc.array(fc.constantFrom('a', 'b!', 'c!', 'd=1', 'd=2'), { maxLength: 20 })
    fc.assert(
      fc.property(words, words, (left, right) => {
        const [a, b] = [stepsOf(left.join(' ')), stepsOf(right.join(' '))]
        const rows = alignSteps(a, b)
        expect(rows.flatMap((row) => row.b ?? [])).toEqual(b)
        const fromA = rows.flatMap((row) => row.a ?? [])
        expect(fromA).toHaveLength(a.length)
        expect(new Set(fromA)).toEqual(new Set(a))
      }),
    )
  })

  it('takes two long runs that have nothing in common for two runs', () => {
    const many = (name: string) => Array.from({ length: 20_000 }, (_, place) => `${name}${place}`).join(' ')
    const rows = alignSteps(stepsOf(many('a')), stepsOf(many('b')))
    expect(rows.filter(({ change }) => change === 'added')).toHaveLength(20_000)
  })
})
