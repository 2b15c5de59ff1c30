import { describe, expect, it } from 'vitest'

import { isRetried, retryDelayMs } from '../../src/migrate/retry-delay.ts'

const NOW = Date.parse('2026-03-01T10:00:00Z')
const delay = (n: number, retryAfter: string | null, random = 0) =>
  retryDelayMs(n, retryAfter, NOW, () => random)

describe('retryDelayMs', () => {
  it('doubles from a second on, with up to a quarter more', () => {
    expect([1, 2, 3].map((n) => delay(n, null))).toEqual([1000, 2000, 4000])
    expect(delay(3, null, 0.999)).toBeCloseTo(4999)
  })

  it.each([
    ['7', 7000],
    [' 0.5 ', 500],
    ['0', 0],
    ['Sun, 01 Mar 2026 10:00:30 GMT', 30_000],
    // RFC 850 and asctime are obsolete, and to be read.
    ['Sunday, 01-Mar-26 10:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 09:59:00 GMT', 0],
  ])('waits as Retry-After %j asks for', (retryAfter, ms) => {
    expect(delay(1, retryAfter, 0.5)).toBe(ms)
  })

  it.each(['', 'soon', '-3', '1e9', 'NaN', '2026-03-01'])('does not trust Retry-After %j', (retryAfter) => {
    expect(delay(1, retryAfter)).toBe(1000)
  })
})

describe('isRetried', () => {
  it('is what passes by itself', () => {
    const retried = [200, 400, 401, 404, 429, 431, 500, 501, 502, 503, 504, 529].filter(isRetried)
    expect(retried).toEqual([429, 431, 500, 502, 503, 529])
  })
})
