import { describe, expect, it } from 'vitest'

import { createRecentEvents } from '../../../src/log/recent-events.ts'
import { createRedisTail } from '../../../src/log/redis/redis-tail.ts'
import { events } from '../contract/store-under-test.ts'

const tailAfter = (last: number) =>
  createRedisTail('r', last, undefined, createRecentEvents({ maxRunChars: 10_000, maxChars: 100_000 }))

describe('createRedisTail', () => {
  it('has what came, the same array for all at one place', () => {
    const tail = tailAfter(3)
    expect(tail.page(3)).toEqual({ events: [], last: 3, hasEnded: false })
    tail.push(events(4, 5), false)
    expect(tail.page(3)).toEqual({ events: events(4, 5), last: 5, hasEnded: false })
    expect(tail.page(4)?.events).toEqual(events(5, 5))
    expect(tail.page(3)).toBe(tail.page(3))
    tail.push(events(6, 6), true)
    expect(tail.page(3)).toEqual({ events: events(4, 6), last: 6, hasEnded: true })
    expect(tail.lastAtMs).toBe(events(6, 6)[0]?.atMs)
  })

  it('has nothing for who is ahead of it, or was before it began', () => {
    const tail = tailAfter(3)
    tail.push(events(4, 5), false)
    expect(tail.page(2)).toBeUndefined()
    expect(tail.page(6)).toBeUndefined()
  })

  it('has nothing of what is not kept any more', () => {
    const tail = tailAfter(0)
    tail.push(events(1, 300), false)
    tail.push(
      events(301, 303).map((event) => ({ ...event, data: 'x'.repeat(4000) })),
      false,
    )
    expect(tail.page(300)).toBeUndefined()
    expect(tail.page(302)?.events).toHaveLength(1)
    expect(tail.page(303)?.events).toEqual([])
  })

  it('keeps nothing of an event that is too large, and goes on after it', () => {
    const tail = tailAfter(0)
    tail.push([{ seq: 1, atMs: 0, event: 'token', data: 'x'.repeat(200_000) }], false)
    expect(tail.page(0)).toBeUndefined()
    tail.push(events(2, 2), false)
    expect(tail.page(1)?.events).toEqual(events(2, 2))
  })

  it('wakes who waits when it grows, fails, or is let go', async () => {
    const tail = tailAfter(0)
    const { signal } = new AbortController()
    const grown = tail.wait(signal)
    tail.push(events(1, 1), false)
    await grown
    const woken = tail.wait(signal)
    tail.wake()
    await woken
    const failed = tail.wait(signal)
    const failure = new Error('gone')
    tail.fail(failure)
    await failed
    expect(tail.failure).toBe(failure)
    expect(tail.page(0)).toBeUndefined()
    await tail.wait(AbortSignal.abort())
  })
})
