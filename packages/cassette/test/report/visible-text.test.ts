import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { clip, oneLine, visible } from '../../src/report/visible-text.ts'

describe('visible', () => {
  it('shows controls, and what would turn the text around it', () => {
    expect(visible('a\u0000b\u001b[31m\u202Egnp.exe\u2066\ufeff')).toBe(
      'a␀b␛[31m[U+202E]gnp.exe[U+2066][U+FEFF]',
    )
  })

  it('leaves lines, tabs, scripts and emoji as they are', () => {
    const text = 'a\tb\nمرحبا 👩‍👩‍👧‍👦 日本'
    expect(visible(text)).toBe(text)
    expect(visible('a\r\nb\rc')).toBe('a\nb␍c')
  })

  it('is well-formed, and legal in XML', () => {
    const legal = /^[\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
        (text) => {
          expect(visible(text)).toMatch(legal)
        },
      ),
    )
  })
})

describe('clip', () => {
  it('says how much is left out, and cuts no character in two', () => {
    expect(clip('abc', 3)).toBe('abc')
    expect(clip('a😀bcd', 2)).toBe('a\n… 5 more characters')
  })
})

describe('oneLine', () => {
  it('is one line of so many characters', () => {
    expect(oneLine(' a\n\n b\tc ')).toBe('a b c')
    expect(oneLine('😀'.repeat(100), 3)).toBe('😀😀…')
    expect(oneLine('x'.repeat(1e6)).length).toBe(80)
  })
})
