import type { RecordedEvent, SessionEnd } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { createSessionMeter } from '../src/session-figures.ts'

const INFO = { id: 'a', startedAt: '', version: 2, metadata: {} } as const

const event = (t: number, name: string, data: object = {}): RecordedEvent => ({ t, event: name, data })
const token = (t: number) => event(t, 'token', { text: 'x' })
const call = (t: number, id: string) => event(t, 'tool_use', { tool_name: 'search', tool_use_id: id })
const result = (t: number, id: string, more: object = {}) =>
  event(t, 'tool_result', { tool_name: 'search', tool_use_id: id, ...more })

function figuresOf(events: readonly RecordedEvent[], end: SessionEnd | null = null) {
  const tokenGaps: number[] = []
  const meter = createSessionMeter(INFO, (ms) => tokenGaps.push(Math.round(ms)))
  for (const each of events) meter.event(each)
  return { ...meter.finish(end), tokenGaps }
}

describe('createSessionMeter', () => {
  it('times the first token, the last event and the longest pause', () => {
    const figures = figuresOf([
      event(0.1, 'turn', { turn_number: 1 }),
      token(0.4),
      token(0.5),
      event(0.6, 'done'),
    ])
    expect(figures).toMatchObject({ ttftMs: 400, durationMs: 600, longestPauseMs: 300, eventCount: 4 })
    expect(figures.counts).toEqual({ turn: 1, token: 2, done: 1 })
  })

  it('times what is between two tokens only if nothing is between them', () => {
    const events = [token(0), token(0.01), call(0.02, 't'), token(1), token(1.03)]
    expect(figuresOf(events).tokenGaps).toEqual([10, 30])
  })

  it('times calls that run at once, in whatever order they end', () => {
    const events = [call(0, 'a'), call(0.5, 'b'), result(1, 'b'), result(3, 'a', { status: 'error' })]
    expect(figuresOf(events).tools).toEqual([
      { name: 'search', status: 'error', durationMs: 3000 },
      { name: 'search', status: 'done', durationMs: 500 },
    ])
  })

  it('times calls without an id, and to their final result', () => {
    const events = [call(0, ''), result(1, '', { preliminary: true }), result(2, '')]
    expect(figuresOf(events).tools).toEqual([{ name: 'search', status: 'done', durationMs: 2000 }])
  })

  it('does not time a result whose call came later, or never', () => {
    expect(figuresOf([result(1, 'a'), call(2, 'a'), result(3, 'b')]).tools).toEqual([
      { name: 'search', status: 'done' },
      { name: 'search', status: 'done' },
    ])
  })

  it.each([
    ['no end at all', null, 'truncated'],
    ['a source that was read to its end', 'complete', 'truncated'],
    ['a reader that gave up', 'aborted', 'stopped'],
    ['a source that broke', 'error', 'failed'],
  ] as const)('says how a session without done ended: %s', (_, end, outcome) => {
    const figures = figuresOf([call(0, 'a')], end)
    expect(figures).toMatchObject({ isSynthetic: true, end, tools: [{ status: 'incomplete' }] })
    expect(figures.state.outcome).toBe(outcome)
  })

  it('takes the outcome from done, whatever the recorder says', () => {
    const figures = figuresOf([token(0), event(1, 'done')], 'aborted')
    expect(figures).toMatchObject({ isSynthetic: false, state: { outcome: 'complete' } })
  })

  it('never counts time backwards', () => {
    const figures = figuresOf([token(5), token(3), token(6)])
    expect(figures.tokenGaps).toEqual([0, 1000])
    expect(figures.durationMs).toBe(6000)
  })
})
