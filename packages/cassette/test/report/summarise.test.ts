import { describe, expect, it } from 'vitest'

import { gateOf } from '../../src/report/gate.ts'
import type { ReportRow, Sample } from '../../src/report/report.ts'
import { categoriesOf, countRows, summarise, totalsOf } from '../../src/report/summarise.ts'
import { detailRows } from '../../src/report/verdict.ts'
import { answerOf, comparisonOf, ROWS, rowOf } from './sample-report.ts'

const COMPARED = ROWS.filter(({ status }) => status === 'compared')

function sampled(number: number, passes: readonly boolean[], more: Partial<ReportRow> = {}): ReportRow {
  const samples = passes.map(
    (passed): Sample => ({
      answer: answerOf('x', { outputTokens: passed ? 10 : 20 }),
      isCached: false,
      comparisons: [comparisonOf('fuzzy', passed, passed ? 1 : 0.5)],
    }),
  )
  return rowOf(number, 'x', { samples, passed: passes.every(Boolean), ...more })
}

describe('summarise', () => {
  it('counts prompts, and leaves out what failed to compare', () => {
    expect(summarise(COMPARED, ['exact', 'fuzzy'])).toMatchObject([
      { comparator: 'exact', compared: 4, passed: 1, errors: 0, meanScore: 0.25, passRate: { value: 0.25 } },
      { comparator: 'fuzzy', compared: 3, passed: 1, errors: 1, passRate: { value: 1 / 3 } },
    ])
  })

  it('takes a prompt as passed if all its samples pass, and the rate as the mean of shares', () => {
    const [summary] = summarise([sampled(1, [true, true]), sampled(2, [true, false])], ['fuzzy'])
    expect(summary).toMatchObject({ compared: 2, passed: 1, passRate: { value: 0.75 }, meanScore: 0.875 })
    // As wide as that of 1.5 of 2, not of 3 of 4.
    expect(summary?.passRate?.low).toBeLessThan(0.2)
  })

  it('has no rate where nothing was judged', () => {
    expect(summarise([], ['exact'])).toMatchObject([{ compared: 0, passRate: null, meanScore: null }])
  })
})

describe('totalsOf', () => {
  it('adds up what both sides have, the mean of the samples for the target', () => {
    const rows = [
      sampled(1, [true, false], { baseline: answerOf('x', { outputTokens: 30 }) }),
      sampled(2, [true], { baseline: answerOf('x', { outputTokens: null, latencyMs: 0, costs: [null] }) }),
    ]
    expect(totalsOf(rows, [{ profile: 'list', currency: 'USD' }])).toMatchObject([
      { metric: 'inputTokens', prompts: 2, baseline: 80, target: 80, ratio: 1 },
      { metric: 'outputTokens', prompts: 1, baseline: 30, target: 15, ratio: 0.5 },
      { metric: 'latencyMs', prompts: 2, baseline: 600, target: 1200, ratio: 2 },
      { metric: 'firstChunkMs', prompts: 2, baseline: 300, target: 300 },
      { metric: 'cost', pricing: 'list', currency: 'USD', prompts: 1 },
    ])
  })

  it('has nothing to say of what nobody knows', () => {
    expect(totalsOf([], [])).toEqual([])
  })
})

describe('categoriesOf', () => {
  const options = { comparators: ['exact'], pricing: [] }

  it('lists them by name, and prompts without one at the end', () => {
    const rows = [rowOf(1, 'a', { category: null }), ...COMPARED, rowOf(9, 'b', { category: 'policy' })]
    const names = categoriesOf(rows, options).map(({ category, prompts }) => [category, prompts])
    expect(names).toEqual([
      ['"><script>alert(3)</script>', 1],
      ['policy', 2],
      ['support', 1],
      ['tools', 1],
      [null, 1],
    ])
  })

  it('is empty where no prompt has one', () => {
    expect(categoriesOf([rowOf(1, 'a', { category: null })], options)).toEqual([])
  })
})

describe('gateOf', () => {
  const gate = (rows: readonly ReportRow[], minPass: Record<string, number> = {}) =>
    gateOf(
      summarise(
        rows.filter(({ status }) => status === 'compared'),
        ['exact', 'fuzzy'],
      ),
      countRows(rows),
      new Map(Object.entries(minPass)),
    )

  it('wants every comparison to pass', () => {
    expect(gate([rowOf(1, 'a')])).toMatchObject({ passed: true })
    expect(gate(COMPARED)).toMatchObject({
      passed: false,
      detail: 'not all comparisons passed: exact 3, fuzzy 3',
    })
  })

  it('is not open because nothing was compared', () => {
    expect(gate([])).toMatchObject({ passed: false, detail: 'nothing was compared' })
    expect(gate([ROWS[4] as ReportRow], { exact: 0 })).toMatchObject({ passed: false })
  })

  it('is closed by a prompt that ended in an error', () => {
    expect(gate([rowOf(1, 'a'), ROWS[5] as ReportRow])).toMatchObject({
      passed: false,
      detail: '1 prompt ended in an error',
    })
  })

  it('goes by the thresholds alone, if there are any', () => {
    expect(gate(COMPARED, { exact: 0.25 })).toMatchObject({
      passed: true,
      thresholds: [{ comparator: 'exact', passRate: 0.25, passed: true, detail: '1 of 4, 25 % ≥ 25 %' }],
    })
    expect(gate(COMPARED, { exact: 0.26 })).toMatchObject({
      passed: false,
      detail: 'below the threshold: exact',
    })
  })

  it('does not trust the rate of a comparator that failed', () => {
    expect(gate(COMPARED, { fuzzy: 0.1 }).thresholds).toMatchObject([
      { passed: false, errors: 1, detail: '1 comparison failed; the rate does not count' },
    ])
  })
})

describe('detailRows', () => {
  it('has failing prompts first, then the lowest scores, up to the cap', () => {
    const rows = [...ROWS, rowOf(7, 'also fine')]
    expect(detailRows({ rows }, 3)).toMatchObject({
      shown: [{ number: 3 }, { number: 2 }, { number: 4 }],
      omitted: 2,
    })
    expect(detailRows({ rows }, 0).shown.map(({ number }) => number)).toEqual([3, 2, 4, 1, 7])
  })
})
