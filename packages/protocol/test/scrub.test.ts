import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createScrubber, type Scrubber, type TextScrubber } from '../src/scrub.ts'
import { MAX_HELD_CHARS } from '../src/scrub-text.ts'
import { anyJson } from './arbitrary.ts'
import { vectorFiles } from './spec.ts'

interface TextCase {
  readonly name: string
  readonly text: string
  readonly scrubbed: string
}

interface JsonCase {
  readonly name: string
  readonly json: unknown
  readonly scrubbed: unknown
  readonly options?: { keys?: string[]; paths?: string[]; patterns?: string[] }
}

const files = vectorFiles<TextCase & JsonCase>('scrub')
const textCases = files.flatMap(([, { cases }]) => cases.filter(({ text }) => text !== undefined))
const jsonCases = files.flatMap(([, { cases }]) => cases.filter(({ json }) => json !== undefined))

const scrubber = createScrubber()

/** What is left of each fragment, and the most that was held back. */
function scrubFragments(stream: TextScrubber, fragments: readonly string[]) {
  const scrubbed: string[] = []
  let heldChars = 0
  let mostHeldChars = 0
  for (const [i, fragment] of fragments.entries()) {
    heldChars += fragment.length
    stream.push(fragment, (left) => {
      expect(scrubbed.length).toBe(i)
      scrubbed.push(left)
      heldChars -= fragment.length
    })
    mostHeldChars = Math.max(mostHeldChars, heldChars)
  }
  return { scrubbed, mostHeldChars }
}

function scrubCut(given: Scrubber, fragments: readonly string[]): string {
  const stream = given.stream()
  const scrubbed: string[] = []
  for (const fragment of fragments) stream.push(fragment, (left) => scrubbed.push(left))
  stream.end()
  expect(scrubbed.length).toBe(fragments.length)
  return scrubbed.join('')
}

function piecesOf(text: string, cuts: readonly number[]): string[] {
  const ends = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, i) => text.slice(ends[i - 1] ?? 0, end))
}

describe('createScrubber', () => {
  it.each(textCases)('text: $name', ({ text, scrubbed }) => {
    expect(scrubber.text(text)).toBe(scrubbed)
    expect(scrubber.text(`Before\n${text}\nafter`)).toBe(`Before\n${scrubbed}\nafter`)
  })

  it.each(textCases)('text cut anywhere: $name', ({ text, scrubbed }) => {
    for (let cut = 0; cut <= text.length; cut++) {
      expect(scrubCut(scrubber, [text.slice(0, cut), text.slice(cut)]), `cut at ${cut}`).toBe(scrubbed)
    }
    expect(scrubCut(scrubber, [...text])).toBe(scrubbed)
  })

  it.each(jsonCases)('JSON: $name', ({ json, scrubbed, options }) => {
    const { patterns = [], ...rest } = options ?? {}
    const given = createScrubber({ ...rest, patterns: patterns.map((source) => new RegExp(source)) })
    expect(given.json(json)).toEqual(scrubbed)
  })

  it('gives back the same value where there is no secret', () => {
    fc.assert(fc.property(anyJson, (value) => scrubber.json(value) === value))
  })

  it('changes nothing that it has scrubbed', () => {
    for (const { scrubbed } of textCases) expect(scrubber.text(scrubbed)).toBe(scrubbed)
  })

  it('does not depend on how a text is cut', () => {
    const own = createScrubber({
      patterns: [/\bEMP-\d{4,}\b/, /(?<=id=)[a-z]+;/i, /x(?:y|zz)*w/, /[[]\w+]/],
      keys: ['ssn'],
    })
    const scrap = fc.constantFrom(
      ...textCases.map(({ text }) => text),
      ...[
        'EMP-',
        '12345',
        'id=',
        'abc;',
        'xyzz',
        'zzw',
        '"ssn"',
        ': "',
        '1"',
        '\\',
        ' ',
        '\n',
        '-----',
        '://',
        'a:b@',
        '[ab',
        ']',
      ],
    )
    fc.assert(
      fc.property(
        fc.array(scrap, { maxLength: 6, size: 'max' }),
        fc.array(fc.nat(2000), { maxLength: 40, size: 'max' }),
        (scraps, cuts) => {
          const text = scraps.join('')
          expect(scrubCut(own, piecesOf(text, cuts))).toBe(own.text(text))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('holds back no prose, and never more than 256 characters', () => {
    const prose = textCases.filter(({ name }) => name === 'long prose')[0]?.text ?? ''
    expect(scrubFragments(scrubber.stream(), prose.match(/.{1,4}/gs) ?? []).mostHeldChars).toBe(0)
    const own = createScrubber({ patterns: [/\d+x/] })
    for (const text of [
      'sk-'.repeat(400),
      '1'.repeat(1000),
      `://${'a:'.repeat(400)}`,
      'Cookie: '.repeat(90),
    ]) {
      for (const { mostHeldChars } of [scrubFragments(own.stream(), [...text])])
        expect(mostHeldChars).toBeLessThanOrEqual(MAX_HELD_CHARS)
    }
  })

  it('leaves the rest of a secret out, however long it is', () => {
    const secret = `sk-${'0123456789abcdef'.repeat(100)}`
    const { scrubbed } = scrubFragments(scrubber.stream(), [...(secret.match(/.{1,7}/g) ?? []), ' end'])
    expect(scrubbed.join('')).toBe('sk-[REDACTED:api-key] end')
    const own = createScrubber({ patterns: [/tok\w+/] })
    expect(scrubCut(own, [...`tok${'a1'.repeat(500)} end`])).toBe('[REDACTED:pattern] end')
  })

  it('puts what stands for a secret where the secret began', () => {
    const stream = scrubber.stream()
    const { scrubbed } = scrubFragments(stream, ['my sk-', 'ant-01', '', '23456789abcdef', ' ok'])
    expect(scrubbed).toEqual(['my sk-', '[REDACTED:api-key]', '', '', ' ok'])
  })

  it('takes time in proportion to the text', () => {
    const own = createScrubber({ patterns: [/\bEMP-\d+\b/] })
    const hostile = [
      'sk-',
      'password=',
      '"password": "',
      '://',
      '-----BEGIN PRIVATE KEY-----',
      'EMP-1',
      'Cookie: a=',
      '\\"',
    ]
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(400_000 / piece.length))
      const startedMs = performance.now()
      own.text(text)
      scrubCut(own, text.slice(0, 40_000).match(/[\s\S]{1,4}/g) ?? [])
      // Quadratic, it would be minutes.
      expect(performance.now() - startedMs, piece).toBeLessThan(10_000)
    }
  })

  it('redacts the last keys of paths in arguments that are streamed', () => {
    const own = createScrubber({ paths: ['input.user.email'] })
    const stream = own.stream('arguments')
    const { scrubbed } = scrubFragments(stream, ['{"user": {"em', 'ail": "a', '@b.c"}}'])
    expect(scrubbed).toEqual(['{"user": {"em', 'ail": "[REDACTED:key]', '"}}'])
  })

  it('redacts fields by their name', () => {
    expect(scrubber.field('Authorization', 'Bearer x')).toBe('[REDACTED:secret]')
    expect(scrubber.field('x-goog-api-key', 'x')).toBe('[REDACTED:secret]')
    expect(scrubber.field('openai-organization', 'org-1')).toBe('[REDACTED:secret]')
    expect(scrubber.field('content-type', 'text/plain')).toBe('text/plain')
    expect(createScrubber({ keys: ['X-Me'] }).field('x-me', 'y')).toBe('[REDACTED:key]')
  })

  it('says what is wrong with its options', () => {
    expect(() => createScrubber({ patterns: ['x' as unknown as RegExp] })).toThrow(/expected a RegExp/)
    expect(() => createScrubber({ paths: ['$'] })).toThrow(/expected keys like input.user.email/)
    expect(() => createScrubber({ keys: [''] })).toThrow(/expected 1 to 100 characters/)
  })
})
