import type { RecordedEvent } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { servedSession } from '../src/served-session.ts'

const PACE = { speed: 1, maxGapSeconds: Infinity }

function served(events: readonly RecordedEvent[], pace = PACE) {
  const session = { id: 'a', startedAt: '', version: 1, events, end: null, metadata: {} } as const
  return servedSession(session, pace).events.map(({ event, seq, t }) => [event, seq, t])
}

const token: RecordedEvent = { t: 1, event: 'token', data: { text: 'x' } }

describe('servedSession', () => {
  it('gives a run without numbers a beginning and numbers, so that it can be resumed', () => {
    expect(served([token, { t: 2, event: 'done', data: {} }])).toEqual([
      ['run_started', 1, 0],
      ['token', 2, 1],
      ['done', 3, 2],
    ])
  })

  it('keeps a beginning, and numbers', () => {
    const started = { t: 0, event: 'run_started', data: { run_id: 'r' } }
    expect(served([started, token])).toEqual([
      ['run_started', 1, 0],
      ['token', 2, 1],
    ])
    expect(served([{ ...token, seq: 7 }])).toEqual([['token', 7, 1]])
  })

  it('adds no event to a run that says how many it has', () => {
    const done = { t: 2, event: 'done', data: { final: { event_count: 1 } } }
    expect(served([token, done])).toEqual([
      ['token', 1, 1],
      ['done', 2, 2],
    ])
  })

  it('is paced', () => {
    expect(
      served(
        [
          { ...token, seq: 1 },
          { ...token, t: 100, seq: 2 },
        ],
        { speed: 2, maxGapSeconds: 3 },
      ),
    ).toEqual([
      ['token', 1, 0.5],
      ['token', 2, 3.5],
    ])
  })
})
