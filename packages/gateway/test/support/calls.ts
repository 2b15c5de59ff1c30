import { expect } from 'vitest'

import type { CallReport } from '../../src/observe/call-report.ts'

/** Collects what is reported of calls. */
export interface ReportedCalls {
  readonly onCall: (report: CallReport) => void
  readonly reports: readonly CallReport[]
  /** Resolves to the reports once there are so many. */
  until(count: number): Promise<readonly CallReport[]>
}

export function reportedCalls(): ReportedCalls {
  const reports: CallReport[] = []
  return {
    reports,
    onCall: (report) => reports.push(report),
    async until(count) {
      await expect.poll(() => reports.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count)
      return reports
    },
  }
}
