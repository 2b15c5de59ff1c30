import { wilsonInterval } from '../statistics/wilson.ts'
import type {
  Answer,
  CategorySummary,
  ComparatorSummary,
  MigrationReport,
  PricingNote,
  ReportRow,
  RowCounts,
  Total,
  TotalMetric,
} from './report.ts'
import { meanScore, verdictOf } from './verdict.ts'

export function countRows(rows: readonly ReportRow[]): RowCounts {
  const count = (status: ReportRow['status']) => rows.filter((row) => row.status === status).length
  const samples = rows.filter(({ status }) => status === 'compared').flatMap((row) => row.samples)
  const cached = samples.filter(({ isCached }) => isCached).length
  return {
    compared: count('compared'),
    skipped: count('skipped'),
    errored: count('errored'),
    cached,
    live: samples.length - cached,
  }
}

/** What each comparator says of the prompts that were compared. */
export function summarise(
  rows: readonly ReportRow[],
  comparators: readonly string[],
): readonly ComparatorSummary[] {
  return comparators.map((comparator) => comparatorSummary(rows, comparator))
}

function comparatorSummary(rows: readonly ReportRow[], comparator: string): ComparatorSummary {
  const verdicts = rows.map((row) => verdictOf(row, comparator))
  const judged = verdicts.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed')
  return {
    comparator,
    compared: judged.length,
    passed: judged.filter(({ outcome }) => outcome === 'passed').length,
    errors: verdicts.filter(({ outcome }) => outcome === 'error').length,
    passRate: passRate(judged),
    meanScore: meanScore(verdicts.flatMap(({ comparisons }) => comparisons)),
  }
}

/**
 * The mean over the prompts of the share of samples that passed. The interval counts prompts, not samples: answers to
 * the same prompt are alike, and would make it too narrow.
 */
function passRate(verdicts: readonly { readonly passed: number; readonly judged: number }[]) {
  if (verdicts.length === 0) return null
  const passed = verdicts.reduce((sum, verdict) => sum + verdict.passed / verdict.judged, 0)
  return { value: passed / verdicts.length, ...wilsonInterval(passed, verdicts.length) }
}

const METRICS: readonly (readonly [TotalMetric, (answer: Answer) => number | null, 'sum' | 'mean'])[] = [
  ['inputTokens', ({ inputTokens }) => inputTokens, 'sum'],
  ['outputTokens', ({ outputTokens }) => outputTokens, 'sum'],
  ['latencyMs', ({ latencyMs }) => latencyMs, 'mean'],
  ['firstChunkMs', ({ firstChunkMs }) => firstChunkMs, 'mean'],
]

/** Both sides' tokens, times and costs over the prompts for which both are known. */
export function totalsOf(
  rows: readonly ReportRow[],
  pricing: readonly Pick<PricingNote, 'profile' | 'currency'>[],
): readonly Total[] {
  const figures = METRICS.map(([metric, figure, kind]) => total(rows, metric, figure, kind))
  const costs = pricing.map(({ profile, currency }, place) => {
    const sum = total(rows, 'cost', ({ costs: all }) => all[place]?.amount ?? null, 'sum')
    return sum && { ...sum, pricing: profile, currency }
  })
  return [...figures, ...costs].filter((entry) => entry !== null)
}

function total(
  rows: readonly ReportRow[],
  metric: TotalMetric,
  figure: (answer: Answer) => number | null,
  kind: 'sum' | 'mean',
): Total | null {
  let [prompts, baseline, target] = [0, 0, 0]
  for (const row of rows) {
    const before = row.baseline && figure(row.baseline)
    const after = row.samples.map(({ answer }) => figure(answer)).filter((value) => value !== null)
    if (before === null || after.length === 0) continue
    prompts++
    baseline += before
    target += after.reduce((sum, value) => sum + value, 0) / after.length
  }
  if (prompts === 0) return null
  const ratio = baseline === 0 ? null : target / baseline
  const divisor = kind === 'mean' ? prompts : 1
  return {
    metric,
    pricing: null,
    currency: null,
    prompts,
    baseline: baseline / divisor,
    target: target / divisor,
    ratio,
  }
}

/** The same for each category, by name; prompts without one are the last. Empty where none has one. */
export function categoriesOf(
  rows: readonly ReportRow[],
  { comparators, pricing }: Pick<MigrationReport, 'comparators' | 'pricing'>,
): readonly CategorySummary[] {
  const compared = rows.filter(({ status }) => status === 'compared')
  const names = [...new Set(compared.map(({ category }) => category))]
  if (names.every((name) => name === null)) return []
  names.sort((a, b) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
  return names.map((category) => {
    const own = compared.filter((row) => row.category === category)
    return {
      category,
      prompts: own.length,
      summary: summarise(own, comparators),
      totals: totalsOf(own, pricing),
    }
  })
}
