import { describe, expect, it } from 'vitest'
import { tallyLine, tallyOf } from '../tally.mjs'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((status) => ({ status })),
})

const report = (
  numPassedTests: number,
  numFailedTests: number,
  ...testResults: ReturnType<typeof file>[]
) => ({
  numPassedTests,
  numFailedTests,
  testResults,
})

describe('the tally of a test run', () => {
  it('sums the tests', () => {
    expect(tallyOf(1, report(3, 2, file('failed', 'failed', 'failed')))).toEqual({ passed: 3, failed: 2 })
    expect(tallyOf(0, report(3, 0, file('passed', 'passed')))).toEqual({ passed: 3, failed: 0 })
  })

  it('counts a file that could not be loaded as one failure', () => {
    expect(tallyOf(1, report(3, 1, file('failed'), file('failed', 'failed')))).toEqual({
      passed: 3,
      failed: 2,
    })
  })

  it('counts an error outside of any test as one failure', () => {
    expect(tallyOf(1, report(3, 0, file('passed', 'passed')))).toEqual({ passed: 3, failed: 1 })
  })

  it('is never good without tests or without a report', () => {
    expect(tallyOf(0, report(0, 0)).failed).toBe(1)
    expect(tallyOf(0, undefined).failed).toBe(1)
    expect(tallyOf(null, undefined).failed).toBe(1)
  })

  it('is one line', () => {
    expect(tallyLine({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed')
  })
})
