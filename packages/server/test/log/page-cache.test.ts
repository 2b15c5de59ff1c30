import { expect, it } from 'vitest'

import { createPageCache } from '../../src/log/page-cache.ts'
import { events } from './contract/store-under-test.ts'

const page = (from: number, to: number, last: number) => ({ events: events(from, to), last, hasEnded: false })

it('shares a page until the run goes on, and a full one for good', async () => {
  const cache = createPageCache(8)
  const partial = await cache.get('a', 2, 3, async () => page(3, 3, 3))
  expect(await cache.get('a', 2, 3, async () => page(3, 3, 3))).toBe(partial)
  const full = await cache.get('a', 2, 4, async () => page(3, 3, 4))
  expect(full).not.toBe(partial)
  expect(await cache.get('a', 2, 99, async () => page(3, 4, 99))).toBe(full)
  expect(await cache.get('b', 2, 99, async () => page(3, 4, 99))).not.toBe(full)
})

it('shares a page that is still being read, and not a failure', async () => {
  const cache = createPageCache(8)
  const failing = async () => {
    throw new Error('EIO')
  }
  const reads = [cache.get('a', 0, 1, failing), cache.get('a', 0, 1, async () => page(1, 1, 1))]
  expect((await Promise.allSettled(reads)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await cache.get('a', 0, 1, async () => page(1, 1, 1))).events).toEqual(events(1, 1))
})

it('keeps so many, those that were used last', async () => {
  const cache = createPageCache(2)
  const made: number[] = []
  const get = (after: number) =>
    cache.get('a', after, 9, async () => {
      made.push(after)
      return page(after + 1, 9, 9)
    })
  for (const after of [0, 1, 0, 2, 0, 1]) await get(after)
  expect(made).toEqual([0, 1, 2, 1])
})
