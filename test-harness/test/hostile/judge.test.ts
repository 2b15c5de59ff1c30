import { describe, expect, it } from 'vitest'

import { judge, type Observed } from '../../src/hostile/index.ts'

const observed: Observed = {
  outcome: 'complete',
  tools: [],
  hasError: false,
  text: 'Hello',
  requests: 1,
  shortestGapMs: Infinity,
  isOpen: false,
  durationMs: 5,
  memoryMiB: 1,
  unhandled: [],
}

describe('the judge', () => {
  it('finds nothing wrong where any of the expectations is met', () => {
    expect(
      judge([{ outcome: 'failed' }, { outcome: ['complete', 'truncated'], text: 'Hello' }], observed),
    ).toEqual([])
  })

  it('says what is wrong of the one that is met best', () => {
    const expectations = [
      { outcome: 'failed', text: 'Hel', requests: 2 },
      { outcome: 'truncated', text: 'Hello' },
    ] as const
    expect(judge(expectations, observed)).toEqual(['ends in "complete" instead of "truncated"'])
  })

  it.each<[string, Partial<Observed>, Parameters<typeof judge>[0][number]]>([
    ['the text is "Hello" instead of "Hel"', {}, { outcome: 'complete', text: 'Hel' }],
    ['the text is "Hello" and does not begin with "x"', {}, { outcome: 'complete', textStart: 'x' }],
    ['the text has 5 characters instead of 6', {}, { outcome: 'complete', textLength: 6 }],
    ['no error is shown', {}, { outcome: 'complete', error: true }],
    ['the gap is not seen', {}, { outcome: 'complete', isGapShown: true }],
    ['1 request instead of 2', {}, { outcome: 'complete', requests: 2 }],
    [
      'asks again after 10 ms instead of 1000',
      { shortestGapMs: 10 },
      { outcome: 'complete', minGapMs: 1000 },
    ],
    ['leaves the connection open', { isOpen: true }, { outcome: 'complete', isClosed: true }],
    ['takes 11000 ms', { durationMs: 11_000 }, { outcome: 'complete' }],
    ['takes 30 ms', { durationMs: 30 }, { outcome: 'complete', withinMs: 20 }],
    ['takes 300 MiB of memory', { memoryMiB: 300 }, { outcome: 'complete', maxMemoryMiB: 256 }],
    ['an unhandled rejection: Error: oops', { unhandled: ['Error: oops'] }, { outcome: 'complete' }],
    [
      'the tools are search running instead of search done',
      { tools: [{ name: 'search', status: 'running' }] },
      { outcome: 'complete', tools: [{ name: 'search', status: 'done' }] },
    ],
    ['the tools are none instead of any done', {}, { outcome: 'complete', tools: [{ status: 'done' }] }],
  ])('%s', (problem, seen, expected) => {
    expect(judge([expected], { ...observed, ...seen })).toEqual([problem])
  })

  it('compares tools in any order, and what they put out', () => {
    const tools = [
      { name: 'read', status: 'done', output: 'a page' },
      { name: 'search', status: 'open' },
    ] as const
    const expected = (output: string) => ({
      outcome: 'complete' as const,
      tools: [
        { name: 'search', status: 'open' },
        { status: 'done', output },
      ] as const,
    })
    expect(judge([expected('a page')], { ...observed, tools })).toEqual([])
    expect(judge([expected('no page')], { ...observed, tools })).toHaveLength(1)
  })
})
