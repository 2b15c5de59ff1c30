import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { countCodePoints, crc32 } from '../src/index.ts'
import { anyText } from './arbitrary.ts'

describe('crc32', () => {
  it('has the check value of CRC-32/ISO-HDLC', () => {
    expect(crc32('123456789')).toBe('cbf43926')
    expect(crc32('')).toBe('00000000')
  })

  it('is what zlib computes over the UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(crc32(text)).toBe(zlibCrc32(Buffer.from(text)).toString(16).padStart(8, '0'))
      }),
    )
  })
})

describe('countCodePoints', () => {
  it('counts as iterating does, unpaired surrogates as one each', () => {
    const anyUnits = fc.array(fc.constantFrom('a', '\ud83e', '\udd85', '🦅'))
    fc.assert(
      fc.property(anyUnits, (units) => {
        const text = units.join('')
        expect(countCodePoints(text)).toBe([...text].length)
      }),
    )
  })
})
