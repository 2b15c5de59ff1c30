import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchingRatio } from '../../src/compare/matching-ratio.ts'

const { cases } = JSON.parse(
  readFileSync(new URL('../../../../spec/vectors/cassette/fuzzy.json', import.meta.url), 'utf8'),
) as { cases: { a: string; b: string; ratio: number }[] }

/** The definition, word for word: the longest block, then those on its left and its right. */
function plainRatio(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  const total = left.length + right.length
  return total === 0 ? 1 : (2 * plainMatches(left, right)) / total
}

function plainMatches(a: readonly string[], b: readonly string[]): number {
  let best = { i: 0, j: 0, length: 0 }
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      let length = 0
      while (i + length < a.length && j + length < b.length && a[i + length] === b[j + length]) length++
      if (length > best.length) best = { i, j, length }
    }
  }
  const { i, j, length } = best
  if (length === 0) return 0
  return (
    length +
    plainMatches(a.slice(0, i), b.slice(0, j)) +
    plainMatches(a.slice(i + length), b.slice(j + length))
  )
}

const letters = (alphabet: string, maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((list) => list.join(''))

describe('matchingRatio', () => {
  it.each(cases)('gives what difflib gives, %#', ({ a, b, ratio }) => {
    expect(matchingRatio(a, b)).toBe(ratio)
  })

  it.each(['ab', 'abc', 'a😀b日c', 'abcdefghijklmnopqrstuvwxyz'])(
    'equals the definition on texts of %s',
    (alphabet) => {
      fc.assert(
        fc.property(letters(alphabet, 120), letters(alphabet, 120), (a, b) => {
          expect(matchingRatio(a, b)).toBe(plainRatio(a, b))
        }),
        { numRuns: 150 },
      )
    },
  )

  it('equals the definition on a text and an edited copy', () => {
    const edit = fc.tuple(fc.nat(200), fc.nat(12), fc.string({ maxLength: 8 }))
    fc.assert(
      fc.property(
        fc.string({ minLength: 60, maxLength: 160 }),
        fc.array(edit, { maxLength: 8 }),
        (a, edits) => {
          const b = edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), a)
          expect(matchingRatio(a, b)).toBe(plainRatio(a, b))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is linear in practice: fields with other separators, the worst for a plain recursion', () => {
    const fields = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 10)
    expect(matchingRatio(fields.join(','), fields.join(';'))).toBeCloseTo(20_000 / 39_999, 12)
  })
})
