import { describe, expect, it } from 'vitest'
import { clipped, normalText, withoutFence } from '../../src/compare/comparable-text.ts'

describe('withoutFence', () => {
  it.each([
    ['```json\n{"a": 1}\n```', '{"a": 1}'],
    ['  ```\r\nx\r\n  ```\n', 'x'],
    ['```c++ \nint a;\n\n```', 'int a;\n'],
    ['```\n```', ''],
    ['```json\n{"a": "```"}\n```', '{"a": "```"}'],
  ])('takes the fence off %j', (text, inside) => {
    expect(withoutFence(text)).toBe(inside)
  })

  it.each([
    'plain',
    'See ```x``` here',
    '```json {"a": 1}```',
    '```\nopen',
    'before\n```\nx\n```',
    '```',
    '``````',
  ])('leaves %j as it is', (text) => {
    expect(withoutFence(text)).toBe(text)
  })

  it('costs the same for spaces without end', () => {
    const text = `\`\`\`\n${' '.repeat(200_000)}x`
    expect(withoutFence(text)).toBe(text)
  })
})

describe('normalText', () => {
  it.each([
    ['  Positive\n', 'positive'],
    ['a\t \u00a0\u2003b', 'a b'],
    ['STRASSE', normalText('Straße')],
    ['GROẞ', normalText('gross')],
    ['ΟΔΟΣ', normalText('οδος')],
    ['ŒUVRE', 'œuvre'],
  ])('folds %j', (text, normal) => {
    expect(normalText(text)).toBe(normal)
  })

  it('keeps the dotless ı apart from i', () => {
    expect(normalText('ısı')).not.toBe(normalText('isi'))
  })
})

describe('clipped', () => {
  it('says that it cut', () => {
    expect(clipped('abc', 3)).toBe('abc')
    expect(clipped('abcd', 3)).toBe('abc …[truncated]')
    expect(clipped('ab😀', 3)).toBe('ab …[truncated]')
  })
})
