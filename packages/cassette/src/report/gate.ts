import { countOf, percentText } from './figure-text.ts'
import type { ComparatorSummary, Gate, RowCounts, ThresholdResult } from './report.ts'

/**
 * Whether the target may take the baseline's place. Without thresholds every comparison has to pass; with them, the
 * pass rates of the comparators that they name. Nothing compared is no pass, nor is a prompt that ended in an error.
 */
export function gateOf(
  summary: readonly ComparatorSummary[],
  counts: RowCounts,
  minPass: ReadonlyMap<string, number>,
): Gate {
  const thresholds = [...minPass].map(([comparator, threshold]) =>
    thresholdResult(
      comparator,
      threshold,
      summary.find((entry) => entry.comparator === comparator),
    ),
  )
  const problem = problemIn(summary, counts, thresholds)
  return { passed: problem === undefined, thresholds, detail: problem ?? passedText(counts, thresholds) }
}

function problemIn(
  summary: readonly ComparatorSummary[],
  counts: RowCounts,
  thresholds: readonly ThresholdResult[],
): string | undefined {
  if (counts.compared === 0) return 'nothing was compared'
  if (counts.errored > 0) return `${countOf(counts.errored, 'prompt')} ended in an error`
  const missed = thresholds.filter(({ passed }) => !passed).map(({ comparator }) => comparator)
  if (thresholds.length > 0)
    return missed.length > 0 ? `below the threshold: ${missed.join(', ')}` : undefined
  const failing = summary.filter(({ compared, passed, errors }) => passed < compared || errors > 0)
  if (failing.length === 0) return undefined
  const parts = failing.map(
    ({ comparator, compared, passed, errors }) => `${comparator} ${compared - passed + errors}`,
  )
  return `not all comparisons passed: ${parts.join(', ')}`
}

function passedText(counts: RowCounts, thresholds: readonly ThresholdResult[]): string {
  if (thresholds.length === 0) return `every comparison of ${countOf(counts.compared, 'prompt')} passed`
  return `${countOf(thresholds.length, 'threshold')} reached`
}

function thresholdResult(
  comparator: string,
  threshold: number,
  summary: ComparatorSummary | undefined,
): ThresholdResult {
  const passRate = summary?.passRate?.value ?? null
  const errors = summary?.errors ?? 0
  const result = { comparator, threshold, passRate, errors }
  if (errors > 0) {
    return {
      ...result,
      passed: false,
      detail: `${countOf(errors, 'comparison')} failed; the rate does not count`,
    }
  }
  if (passRate === null) return { ...result, passed: false, detail: 'nothing was compared' }
  // Shares of samples add up with rounding.
  const passed = passRate + 1e-9 >= threshold
  const sign = passed ? '≥' : '<'
  return {
    ...result,
    passed,
    detail: `${summary?.passed} of ${summary?.compared}, ${percentText(passRate)} ${sign} ${percentText(threshold)}`,
  }
}
