import type { Comparison } from '../compare/comparator.ts'
import type { MigrationReport, ReportRow } from './report.ts'

/** What a comparator says of one prompt over all its samples. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'error' | 'unjudged' | 'absent'
  /** Samples that passed, of those that were judged. */
  readonly passed: number
  readonly judged: number
  readonly meanScore: number | null
  readonly comparisons: readonly Comparison[]
}

/** It passes if every sample does. One that failed to compare is an error, whatever the others say. */
export function verdictOf(row: ReportRow, comparator: string): Verdict {
  const comparisons = row.samples.flatMap((sample) =>
    sample.comparisons.filter((comparison) => comparison.comparator === comparator),
  )
  const judged = comparisons.filter(({ passed }) => passed !== null).length
  const passed = comparisons.filter((comparison) => comparison.passed).length
  return {
    outcome: outcomeOf(comparisons, judged, passed),
    passed,
    judged,
    meanScore: meanScore(comparisons),
    comparisons,
  }
}

function outcomeOf(comparisons: readonly Comparison[], judged: number, passed: number): Verdict['outcome'] {
  if (comparisons.length === 0) return 'absent'
  if (comparisons.some(({ isError }) => isError)) return 'error'
  if (judged === 0) return 'unjudged'
  return passed === judged ? 'passed' : 'failed'
}

/** Comparisons that failed have no score. */
export function meanScore(comparisons: readonly Comparison[]): number | null {
  const scored = comparisons.filter(({ isError }) => !isError)
  return scored.length === 0 ? null : scored.reduce((sum, { score }) => sum + score, 0) / scored.length
}

/** What a reader looks for a prompt by. */
export type RowVerdict = 'failed' | 'passed' | 'skipped' | 'errored'

export function rowVerdict(row: ReportRow): RowVerdict {
  if (row.status !== 'compared') return row.status
  return row.passed ? 'passed' : 'failed'
}

/** The prompts that were compared: failing ones first, then by the lowest mean score. `maxRows` 0 means all. */
export function detailRows(
  { rows }: Pick<MigrationReport, 'rows'>,
  maxRows: number,
): { readonly shown: readonly ReportRow[]; readonly omitted: number } {
  const keyed = rows
    .filter(({ status }) => status === 'compared')
    .map((row) => ({
      row,
      isFailing: row.passed ? 0 : 1,
      score: meanScore(row.samples.flatMap(({ comparisons }) => comparisons)) ?? 0,
    }))
  keyed.sort((a, b) => b.isFailing - a.isFailing || a.score - b.score || a.row.number - b.row.number)
  const ordered = keyed.map(({ row }) => row)
  const shown = maxRows === 0 ? ordered : ordered.slice(0, maxRows)
  return { shown, omitted: ordered.length - shown.length }
}
