import { describe, expect, it } from 'vitest'

import { runRecording, runReducer } from '../src/index.ts'
import { describeRecordings } from '../src/vitest.ts'
import { brokenReducer, carefulReducer } from './fixtures/reducers.ts'
import { parallelTools } from './fixtures/sessions.ts'
import { runSuite } from './run-suite.ts'

const cwd = `${import.meta.dirname}/recordings`

describe('the story of the parallel tools', () => {
  it('begins with a recording: two tools run at once, and the second one is the faster', () => {
    const calls = parallelTools.events
      .filter(({ event }) => event.startsWith('tool_'))
      .map(({ event, data }) => `${event} ${(data as { tool_name: string }).tool_name}`)
    expect(calls).toEqual([
      'tool_use find_order',
      'tool_use check_stock',
      'tool_result check_stock',
      'tool_result find_order',
    ])
  })

  it('goes on with a reducer that expects results in the order of the calls: one badge never goes', async () => {
    const { views, final } = await runReducer(parallelTools, brokenReducer)
    const badges = views
      .filter(({ event }) => event.type.startsWith('tool_'))
      .map(({ view }) => view.activeTools.join(' '))
    expect(badges).toEqual(['find_order', 'find_order check_stock', 'find_order check_stock', 'check_stock'])
    expect(final).toMatchObject({ isDone: true, activeTools: ['check_stock'] })
  })

  it('fails as a suite, and says why', { timeout: 60_000 }, async () => {
    const { isPassed, passed, failed } = await runSuite('broken-reducer')
    expect(isPassed).toBe(false)
    expect(passed).toEqual([
      'reaches a terminal state',
      'holds the text of the tokens',
      'ends in the same state however the bytes are cut',
    ])
    expect(Object.keys(failed)).toEqual([
      'has no tool running after the end',
      'ends in the same state however tool events are ordered',
      'shows each tool from its call to its result',
    ])
    expect(failed['has no tool running after the end']).toContain('still running: check_stock')
    expect(failed['shows each tool from its call to its result']).toContain(
      'after event 5, tool_result toolu_b: it shows [check_stock,find_order], but running are [find_order]',
    )
  })

  it('shows the right badge at each moment in the client', async () => {
    const { snapshots } = await runRecording(parallelTools)
    const badges = snapshots.map(({ snapshot }) => snapshot.activeTools.join(' '))
    expect(badges.filter((shown, index) => shown !== badges[index - 1])).toEqual([
      '',
      'find_order',
      'find_order check_stock',
      'find_order',
      '',
    ])
  })

  describe('ends well with the client', () => describeRecordings('*.jsonl', { cwd }))
  describe('ends well with a reducer that goes by ids', () =>
    describeRecordings('parallel-tools.jsonl', { cwd, reducer: carefulReducer }))
})
