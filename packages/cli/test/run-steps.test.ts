import type { RecordedEvent, RecordedSession } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { stepsOfBoth } from '../src/run-steps.ts'

const session = (...events: readonly [string, object][]): RecordedSession => ({
  id: 'a',
  startedAt: '',
  version: 1,
  events: events.map(([event, data], place): RecordedEvent => ({ t: place, event, data })),
  end: null,
  metadata: {},
})

const call = (id: string, name = 'search'): [string, object] => [
  'tool_use',
  { tool_name: name, tool_use_id: id },
]
const result = (id: string, name = 'search'): [string, object] => [
  'tool_result',
  { tool_name: name, tool_use_id: id, duration_ms: 7 },
]

const keysOf = (a: RecordedSession, b: RecordedSession) =>
  stepsOfBoth(a, b).map((steps) => steps.map(({ key }) => key))

describe('stepsOfBoth', () => {
  it('takes tokens in a row for one step, however they were cut', () => {
    const [[a], [b]] = stepsOfBoth(
      session(['token', { text: 'Hel' }], ['token', { text: 'lo' }]),
      session(['text.delta', { delta: 'Hello' }]),
    )
    expect(a).toEqual({ key: 'token', isNamed: false, atMs: 0, content: { text: 'Hello' } })
    expect(b).toEqual(a)
  })

  it('pairs tools by their ids', () => {
    expect(keysOf(session(call('1'), call('2')), session(call('2'), call('1')))).toEqual([
      ['tool_use search 1', 'tool_use search 2'],
      ['tool_use search 2', 'tool_use search 1'],
    ])
  })

  it('pairs tools whose ids differ by name and order of call', () => {
    const a = session(call('a1'), call('a2'), result('a2'), result('a1'))
    const b = session(call('b1'), call('b2'), result('b1'), result('b2'))
    expect(keysOf(a, b)).toEqual([
      ['tool_use search #1', 'tool_use search #2', 'tool_result search #2', 'tool_result search #1'],
      ['tool_use search #1', 'tool_use search #2', 'tool_result search #1', 'tool_result search #2'],
    ])
  })

  it('pairs tools without ids by name', () => {
    expect(keysOf(session(call('')), session())).toEqual([['tool_use search'], []])
  })

  it('does not take an id for the same tool if it is another one’s', () => {
    expect(keysOf(session(call('1', 'search')), session(call('1', 'fetch')))).toEqual([
      ['tool_use search #1'],
      ['tool_use fetch #1'],
    ])
  })

  it('leaves out of the content what differs from run to run', () => {
    const [a, b] = stepsOfBoth(session(call('x'), result('x')), session(call('y'), result('y')))
    expect(a).toEqual(b)
  })

  it('keeps events that the protocol does not know', () => {
    const [[step]] = stepsOfBoth(session(['mood', { level: 3 }]), session())
    expect(step).toMatchObject({ key: 'mood', content: { data: { level: 3 } } })
  })
})
