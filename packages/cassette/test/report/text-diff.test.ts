import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { textDiff } from '../../src/report/text-diff.ts'

describe('textDiff', () => {
  it('takes words that follow each other as one change', () => {
    expect(textDiff('Order 10 is on its way.', 'I cannot find order 10, sorry.')).toEqual([
      { kind: 'removed', text: 'Order 10 is on its way' },
      { kind: 'added', text: 'I cannot find order 10, sorry' },
      { kind: 'same', text: '.' },
    ])
  })

  it('shows both texts as a whole, whatever they are', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', ' ', '\n', 'word', '.', '日本', '😀'), { maxLength: 30 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = textDiff(before, after) ?? []
        const without = (kind: string) =>
          changes
            .filter((change) => change.kind !== kind)
            .map((change) => change.text)
            .join('')
        expect(without('added')).toBe(before)
        expect(without('removed')).toBe(after)
      }),
    )
  })

  it('gives up on texts that have too little in common', () => {
    const words = (from: number) => Array.from({ length: 2000 }, (_, place) => `w${from + place}`).join('\n')
    expect(textDiff(words(0), words(5000))).toBeUndefined()
  })
})
