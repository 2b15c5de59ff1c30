import { describe, expect, it } from 'vitest'

import { ManualClock } from '../../../server/test/emit/manual-clock.ts'
import { unpackObservations } from '../../src/observe/observation-batch.ts'
import { ObservationFeed } from '../../src/observe/observation-feed.ts'
import type { ObserverListener, ToObserver } from '../../src/observe/observer-port.ts'

function started(maxWaitingBytes = 10_000) {
  const clock = new ManualClock()
  const posted: ToObserver[] = []
  const listeners: ObserverListener[] = []
  const feed = new ObservationFeed({
    clock,
    maxWaitingBytes,
    onMessage: () => undefined,
    start: (listener) => {
      listeners.push(listener)
      return { post: (message) => void posted.push(message), terminate: async () => undefined }
    },
  })
  const chunk = (text: string) =>
    feed.bytes({ type: 'chunk', call: 'c', atMs: 1, bytes: new TextEncoder().encode(text) })
  const observations = () =>
    posted.flatMap((message) =>
      message.type === 'observations' ? [...unpackObservations(message.packed)] : [],
    )
  return { clock, feed, posted, listeners, chunk, observations }
}

describe('ObservationFeed', () => {
  it('collects what comes, in its order, and copies its bytes', async () => {
    const { clock, feed, posted, observations } = started()
    const bytes = new TextEncoder().encode('abc')
    feed.bytes({ type: 'chunk', call: 'c', atMs: 1, bytes })
    bytes.fill(0)
    feed.bytes({ type: 'request', call: 'c', bytes: new TextEncoder().encode('def') })
    expect(posted).toEqual([])
    await clock.advance(20)
    expect(posted).toHaveLength(1)
    const texts = observations().map((each) => ('bytes' in each ? new TextDecoder().decode(each.bytes) : ''))
    expect(texts).toEqual(['abc', 'def'])
  })

  it('drops what its observer cannot take, and says so, until it has', async () => {
    const { clock, feed, chunk, listeners, observations, posted } = started(1000)
    expect([chunk('x'.repeat(700)), chunk('x'.repeat(700))]).toEqual([true, false])
    expect(feed.status).toMatchObject({ droppedBytes: 700, waitingBytes: 900 })
    // What is no piece of a call has room for ever.
    feed.say({
      type: 'end',
      call: 'c',
      atMs: 2,
      outcome: 'complete',
      clientStalledMs: 0,
      droppedBytes: 700,
      isRequestCut: false,
    })
    await clock.advance(20)
    expect(observations()).toHaveLength(2)
    await clock.advance(6000)
    expect(feed.status.problem).toBe('the recorder does not keep up with the calls')
    for (const message of posted) {
      if (message.type === 'observations')
        listeners[0]?.onMessage({ type: 'taken', bytes: message.packed.weight })
    }
    expect(feed.status).toMatchObject({ problem: undefined, waitingBytes: 0 })
    expect(chunk('y')).toBe(true)
  })

  it('starts an observer that failed anew', async () => {
    const { clock, feed, chunk, listeners, observations } = started()
    listeners[0]?.onFailure(new Error('out of memory'))
    expect(feed.status.problem).toBe('the recorder failed and is started again: out of memory')
    chunk('lost')
    await clock.advance(20)
    expect(observations()).toEqual([])
    await clock.advance(1000)
    expect(listeners).toHaveLength(2)
    chunk('kept')
    await clock.advance(20)
    expect(observations()).toHaveLength(1)
  })

  it('does not wait for ever for an observer that ends', async () => {
    const { clock, feed, listeners } = started()
    listeners[0]?.onMessage({ type: 'taken', bytes: 0 })
    const closed = feed.close(1000)
    await clock.advance(1500)
    await closed
  })

  it('waits longer at its end for an observer that is still about to begin', async () => {
    const { clock, feed, listeners } = started()
    let isClosed = false
    const closed = feed.close(1000).then(() => {
      isClosed = true
    })
    await clock.advance(10_000)
    expect(isClosed).toBe(false)
    listeners[0]?.onMessage({ type: 'closed' })
    await closed
  })
})
