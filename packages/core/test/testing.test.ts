import { describe, expect, it } from 'vitest'

import { cutAt, rechunk, SimulatedClock, scriptedFetch } from '../src/testing/index.ts'

describe('SimulatedClock', () => {
  it('stands still until it is moved on, and then runs what is due in order, each at its time', async () => {
    const clock = new SimulatedClock()
    const ran: [string, number][] = []
    const note = (name: string) => () => ran.push([name, clock.now()])
    clock.setTimeout(note('late'), 20)
    clock.setTimeout(note('early'), 10)
    clock.clearTimeout(clock.setTimeout(note('never'), 15))
    clock.setTimeout(() => clock.setTimeout(note('nested'), 5), 10)
    expect(ran).toEqual([])
    await clock.advance(19)
    expect(ran).toEqual([
      ['early', 10],
      ['nested', 15],
    ])
    await clock.advance(1)
    expect(ran.at(-1)).toEqual(['late', 20])
    expect([clock.now(), clock.pendingCount]).toEqual([20, 0])
  })
})

describe('scriptedFetch', () => {
  it('answers its calls in order, on the clock, and then as a lost network does', async () => {
    const clock = new SimulatedClock()
    const { fetch, requests } = scriptedFetch(
      [
        { status: 403, body: ['no'] },
        { headersAfterMs: 10, body: ['a', { waitMs: 5 }, new Uint8Array([98])] },
      ],
      clock,
    )
    const refused = await fetch('/x', { method: 'POST' })
    expect([refused.status, await refused.text()]).toEqual([403, 'no'])
    const text = fetch('/y').then((response) => response.text())
    await clock.advance(15)
    expect(await text).toBe('ab')
    await expect(fetch('/z')).rejects.toThrow('fetch failed')
    expect(requests.map(({ url, atMs }) => [url, atMs])).toEqual([
      ['/x', 0],
      ['/y', 0],
      ['/z', 15],
    ])
  })

  it('breaks, hangs, and honours the abort signal', async () => {
    const clock = new SimulatedClock()
    const { fetch, requests } = scriptedFetch(
      [{ body: ['a'], end: 'drop' }, { body: ['a'], end: 'hang' }, { headersAfterMs: 1e9 }],
      clock,
    )
    const broken = await fetch('/x')
    await expect(broken.text()).rejects.toThrow('terminated')

    const controller = new AbortController()
    const hanging = await fetch('/y', { signal: controller.signal })
    const reading = hanging.text()
    const waiting = fetch('/z', { signal: controller.signal })
    controller.abort()
    await expect(reading).rejects.toThrow(/abort/i)
    await expect(waiting).rejects.toThrow(/abort/i)
    expect(requests.map(({ isAborted }) => isAborted)).toEqual([false, true, true])
    expect(clock.pendingCount).toBe(0)
  })
})

describe('rechunk and cutAt', () => {
  it('lose no byte', () => {
    const bytes = Uint8Array.from({ length: 10 }, (_, i) => i)
    const join = (pieces: Uint8Array[]) => pieces.flatMap((piece) => [...piece])
    expect(rechunk(bytes, 3).map(({ length }) => length)).toEqual([3, 3, 3, 1])
    expect(join(rechunk(bytes, 3))).toEqual([...bytes])
    for (let n = 0; n <= 10; n++) expect(join(cutAt(bytes, n))).toEqual([...bytes])
  })

  it('refuse a size that would never come to an end', () => {
    expect(() => rechunk(new Uint8Array(2), 0)).toThrow(TypeError)
  })
})
