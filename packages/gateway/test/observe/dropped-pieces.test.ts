import { readdirSync } from 'node:fs'

import { LIST_PRICES } from '@agent-stream/cassette/prices'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '../../../server/test/emit/manual-clock.ts'
import { createCallTap } from '../../src/observe/call-tap.ts'
import { ObservationFeed } from '../../src/observe/observation-feed.ts'
import type { FromObserver } from '../../src/observe/observer-port.ts'
import { inlineObserver } from '../support/inline-observer.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A call whose request and answer have so many bytes, told to an observer for which 2,000 bytes may wait. */
async function recordedCall(requestBytes: number, responseBytes: number) {
  const folder = temporaryFolder()
  const clock = new ManualClock()
  const messages: FromObserver[] = []
  const start = inlineObserver()({
    recording: { folder, scrub: {}, maxFileBytes: 2 ** 20, maxBytes: 2 ** 20, maxCassettes: 10 },
    scrub: {},
    maxCallBytes: 2 ** 20,
    maxHeldBytes: 2 ** 20,
    isExcerptKept: false,
    prices: LIST_PRICES,
    maxGaps: 10,
  })
  const feed = new ObservationFeed({
    start,
    clock,
    maxWaitingBytes: 2000,
    onMessage: (said) => messages.push(said),
  })
  const tap = createCallTap('c', feed, clock)
  feed.say({
    type: 'open',
    call: 'c',
    startedAt: '2026-01-01T00:00:00.000Z',
    target: 'api',
    method: 'POST',
    url: 'http://127.0.0.1/v1/chat/completions',
    headers: [],
    recording: 'on',
    isHttp10: false,
  })
  tap.requestChunk(new Uint8Array(requestBytes))
  tap.responseHead({ status: 200, statusText: 'OK', headers: ['content-type', 'text/plain'] })
  tap.responseChunk(new Uint8Array(responseBytes))
  tap.end({ outcome: 'complete' })
  await clock.advance(20)
  await feed.close(1000)
  const report = messages.flatMap((message) => (message.type === 'report' ? [message.report] : []))[0]
  return { recording: report?.recording, files: readdirSync(folder).filter((name) => name.endsWith('.json')) }
}

describe('a call of which the observer did not get all', () => {
  it('is recorded as cut where the answer is not whole', async () => {
    const { recording, files } = await recordedCall(10, 5000)
    expect([recording, files.length]).toEqual(['cut', 1])
  })

  it('is not recorded where the request is not: nobody would find it', async () => {
    expect(await recordedCall(5000, 10)).toEqual({ recording: 'dropped', files: [] })
  })
})
