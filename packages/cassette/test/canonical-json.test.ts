import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, parseExactly } from '../src/canonical-json.ts'

const { cases } = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/cassette/canonical-json.json', import.meta.url), 'utf8'),
) as { cases: { json: string; canonical: string }[] }

describe('canonicalJson', () => {
  it.each(cases)('writes $json as Python does', ({ json, canonical }) => {
    expect(canonicalJson(parseExactly(json))).toBe(canonical)
  })

  it('keeps the value, and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        const text = canonicalJson(parseExactly(JSON.stringify(value)))
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(parseExactly(JSON.stringify(reversed)))).toBe(text)
      }),
    )
  })

  it('leaves out what JSON leaves out', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}')
  })
})
