import { describe, expect, it } from 'vitest'

import { type HealthInput, type HealthThresholds, healthOf } from '../../src/calls/health.ts'
import { createHopWatch } from '../../src/calls/hop-watch.ts'
import type { CallReport } from '../../src/observe/call-report.ts'
import { NOT_RECORDING } from '../../src/observe/recording-status.ts'
import { someReport } from '../support/report.ts'

function health(
  calls: readonly CallReport[],
  overrides: Partial<HealthInput> = {},
  thresholds?: HealthThresholds,
) {
  return healthOf(
    {
      calls,
      windowMs: 300_000,
      callsInFlight: 0,
      recording: NOT_RECORDING,
      observerProblem: undefined,
      hops: [],
      eventLoopDelayMs: undefined,
      isDraining: false,
      ...overrides,
    },
    thresholds,
  )
}

const times = (count: number, overrides: Partial<CallReport> = {}) =>
  Array.from({ length: count }, () => someReport(overrides))

describe('healthOf', () => {
  it('is healthy without calls', () => {
    expect(health([])).toMatchObject({ status: 'healthy', reasons: [], avg_ttft_ms: null, ttft_ms: null })
  })

  it('looks at means and shares of enough calls', () => {
    expect(health(times(2, { ttftMs: 9000, outcome: 'failed' })).status).toBe('healthy')
    expect(health(times(3, { ttftMs: 2001 })).reasons).toEqual([
      'the first token takes 2001 ms on average; 2000 are allowed',
    ])
    expect(health([...times(9), ...times(2, { outcome: 'truncated' })]).reasons).toEqual([
      '2 of 11 calls failed or were cut off',
    ])
  })

  it('takes no offence at what clients do', () => {
    const calls = [...times(5, { outcome: 'aborted' }), ...times(5, { outcome: 'refused', status: 401 })]
    expect(health(calls).status).toBe('healthy')
    expect(health(times(5, { outcome: 'refused', status: 529 })).status).toBe('degraded')
  })

  it('passes on what is wrong with the recording, the observer, the hops and the event loop', () => {
    const { status, reasons } = health([], {
      recording: { ...NOT_RECORDING, problems: ['calls are not recorded: the disk is full (ENOSPC)'] },
      observerProblem: 'the recorder does not keep up with the calls',
      hops: [
        {
          hop: 'upstream',
          target: 'api',
          streams: 2,
          of: 3,
          because: 'all at once',
          advice: ['do this', 'or that'],
        },
      ],
      eventLoopDelayMs: { p50: 1, p95: 2, p99: 400, max: 500 },
    })
    expect(status).toBe('degraded')
    expect(reasons).toEqual([
      "the gateway's event loop is late by 400 ms (99th percentile)",
      'the recorder does not keep up with the calls',
      'calls are not recorded: the disk is full (ENOSPC)',
      'something between the gateway and api holds streams back: all at once; do this',
    ])
  })

  it('says first of all that it ends', () => {
    expect(health([], { isDraining: true }).status).toBe('draining')
  })
})

describe('createHopWatch', () => {
  const held = { buffering: 'buffered', because: 'all at once', advice: ['proxy_buffering off'] } as const

  it('names a hop where at least half of the last streams were held back', () => {
    const watch = createHopWatch()
    watch.add(someReport())
    expect(watch.hops()).toEqual([])
    watch.add(someReport({ upstream: held }))
    expect(watch.hops()).toEqual([
      {
        hop: 'upstream',
        target: 'api.openai.com',
        streams: 1,
        of: 2,
        because: 'all at once',
        advice: held.advice,
      },
    ])
    watch.add(someReport())
    expect(watch.hops()).toEqual([])
  })

  it('is not told by streams that are short or unclear', () => {
    const watch = createHopWatch()
    watch.add(someReport({ upstream: held, outputMessages: 7 }))
    watch.add(someReport({ upstream: { ...held, buffering: 'unclear' } }))
    expect(watch.hops()).toEqual([])
  })

  it('forgets what was long ago, and keeps targets apart', () => {
    const watch = createHopWatch()
    for (let i = 0; i < 20; i++) watch.add(someReport({ upstream: held, target: 'a b' }))
    for (let i = 0; i < 11; i++) watch.add(someReport({ target: 'a b' }))
    watch.add(someReport({ downstream: { because: 'HTTP/1.0', advice: [] }, target: 'c' }))
    expect(watch.hops()).toMatchObject([{ hop: 'downstream', target: 'c' }])
  })
})
