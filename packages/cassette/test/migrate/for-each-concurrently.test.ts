import { describe, expect, it } from 'vitest'

import { forEachConcurrently } from '../../src/migrate/for-each-concurrently.ts'

describe('forEachConcurrently', () => {
  it('has at most so many under way, and does all', async () => {
    let running = 0
    let most = 0
    const done: number[] = []
    await forEachConcurrently(Array(10).keys(), 3, async (item) => {
      most = Math.max(most, ++running)
      await Promise.resolve()
      running--
      done.push(item)
    })
    expect(most).toBe(3)
    expect(done.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('begins nothing more after a failure, and throws it when the rest has ended', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const work = forEachConcurrently([1, 2, 3, 4], 2, async (item) => {
      begun.push(item)
      if (item === 1) throw new Error('no')
      await Promise.resolve()
      ended.push(item)
    })
    await expect(work).rejects.toThrow('no')
    expect(begun).toEqual([1, 2])
    expect(ended).toEqual([2])
  })
})
