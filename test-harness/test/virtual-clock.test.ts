import { describe, expect, it } from 'vitest'

import { VirtualClock } from '../src/virtual-clock.ts'

describe('VirtualClock', () => {
  it('runs timers in the order of their times, those of one time as they were set, each at its own time', async () => {
    const clock = new VirtualClock()
    const log: string[] = []
    const set = (name: string, ms: number) => clock.setTimeout(() => log.push(`${name} ${clock.now()}`), ms)
    set('later', 3_600_000)
    set('b', 10)
    set('c', 10)
    set('a', -5)
    clock.clearTimeout(set('cancelled', 20))
    await clock.run(() => false, 4_000_000)
    expect(log).toEqual(['a 0', 'b 10', 'c 10', 'later 3600000'])
  })

  it('lets all that a timer set off come to rest before the next', async () => {
    const clock = new VirtualClock()
    const log: string[] = []
    clock.setTimeout(async () => {
      for (let turn = 0; turn < 50; turn++) await null
      log.push(`first ${clock.now()}`)
      clock.setTimeout(() => log.push('between'), 1)
    }, 10)
    clock.setTimeout(() => log.push('last'), 20)
    await clock.run(() => false, 100)
    expect(log).toEqual(['first 10', 'between', 'last'])
  })

  it('stops when it is over, at its limit, or when nothing is left', async () => {
    const clock = new VirtualClock()
    let ticks = 0
    const tick = () => {
      ticks++
      clock.setTimeout(tick, 10)
    }
    tick()
    await clock.run(() => ticks === 4, 1000)
    expect([ticks, clock.now()]).toEqual([4, 30])
    await clock.run(() => false, 55)
    expect([ticks, clock.now()]).toEqual([6, 50])
    await new VirtualClock().run(() => false, Infinity)
  })
})
