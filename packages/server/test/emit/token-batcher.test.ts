import { describe, expect, it } from 'vitest'

import { TokenBatcher } from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

describe('TokenBatcher', () => {
  it('gives out what it has collected once the interval is over', async () => {
    const clock = new ManualClock()
    const batcher = new TokenBatcher(50, { clock })
    expect(batcher.add('a')).toBeUndefined()
    await clock.advance(49)
    expect(batcher.add('b')).toBeUndefined()
    await clock.advance(1)
    expect(batcher.add('c')).toBe('abc')
    expect(batcher.add('d')).toBeUndefined()
  })

  it('gives out text that has become long at once', () => {
    const batcher = new TokenBatcher(50, { maxChars: 5, clock: new ManualClock() })
    expect(batcher.add('abcd')).toBeUndefined()
    expect(batcher.add('e')).toBe('abcde')
    expect(batcher.hasContent).toBe(false)
  })

  it('gives out the rest when asked, and nothing when there is none', () => {
    const batcher = new TokenBatcher()
    expect(batcher.flush()).toBeUndefined()
    batcher.add('a')
    expect(batcher.hasContent).toBe(true)
    expect(batcher.flush()).toBe('a')
    expect(batcher.flush()).toBeUndefined()
  })
})
