import type { Clock } from '@agent-stream/core'
import { SimulatedClock } from '@agent-stream/core/testing'
import { describe, expect, it } from 'vitest'

import { punctualClock } from '../src/punctual-clock.ts'

/** A clock whose timers are all so much too late. */
function lateClock(clock: SimulatedClock, lateMs: number): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs + lateMs),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  }
}

describe('punctualClock', () => {
  it('does not let lateness add up', async () => {
    const clock = new SimulatedClock()
    const punctual = punctualClock(lateClock(clock, 2))
    const times: number[] = []
    const wait = () =>
      punctual.setTimeout(() => {
        times.push(clock.now())
        if (times.length < 5) wait()
      }, 10)
    wait()
    await clock.advance(100)
    expect(times).toEqual([12, 22, 32, 42, 52])
  })

  it('lets nobody wait any longer when it is told so', async () => {
    const clock = new SimulatedClock()
    const punctual = punctualClock(clock)
    let isCalled = false
    punctual.setTimeout(() => {
      isCalled = true
    }, 10)
    punctual.clearAll()
    await clock.advance(100)
    expect(isCalled).toBe(false)
  })
})
