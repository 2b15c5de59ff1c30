import type { CategorySummary, ComparatorSummary, MigrationReport } from '@agent-stream/cassette/migration'
import {
  intervalText,
  metricText,
  percentText,
  ratioText,
  rowVerdict,
  scoreText,
  totalText,
  verdictOf,
} from '@agent-stream/cassette/migration'

import { countText } from './duration-text.ts'
import { type Column, table } from './table.ts'
import { printable, type Terminal } from './terminal.ts'

/** Failing prompts that are listed; the files have all. */
const MAX_FAILING = 10

/** The report for a terminal: what it comes to, and the first prompts that failed. */
export function migrationSummary(report: MigrationReport, paint: Terminal['paint']): string {
  const { counts, target, baselineModels, gate } = report
  const from = printable(baselineModels.join(', ') || 'unknown')
  const head =
    `${from} → ${printable(target.model)}: ${countText(counts.compared)} compared ` +
    `(${countText(counts.cached)} cached, ${countText(counts.live)} live), ` +
    `${countText(counts.skipped)} skipped, ${countText(counts.errored)} errored\n`
  const verdict = gate.passed ? paint('green', 'passed') : paint('red', 'failed')
  const sections = [
    head,
    comparatorTable(report.summary),
    totalTable(report),
    categoryTable(report),
    failingTable(report),
    reasonTable(report),
    `strict gate: ${verdict}, ${printable(gate.detail)}\n`,
  ]
  return sections.filter((section) => section !== '').join('\n')
}

const right = (title: string): Column => ({ title, align: 'right' })

function comparatorTable(summary: readonly ComparatorSummary[]): string {
  const hasErrors = summary.some(({ errors }) => errors > 0)
  const columns = ['PASSED', 'PASS RATE', '95 % INTERVAL', 'MEAN SCORE', ...(hasErrors ? ['ERRORS'] : [])]
  return table(
    [{ title: 'COMPARATOR' }, ...columns.map(right)],
    summary.map(({ comparator, compared, passed, errors, passRate, meanScore }) => [
      comparator,
      `${countText(passed)}/${countText(compared)}`,
      percentText(passRate?.value ?? null),
      intervalText(passRate),
      scoreText(meanScore),
      ...(hasErrors ? [countText(errors)] : []),
    ]),
  )
}

function totalTable({ totals }: MigrationReport): string {
  if (totals.length === 0) return ''
  return table(
    [{ title: '' }, ...['BASELINE', 'TARGET', 'RATIO'].map(right)],
    totals.map((total) => [
      metricText(total),
      totalText(total, total.baseline),
      totalText(total, total.target),
      ratioText(total.ratio),
    ]),
  )
}

function categoryTable({ categories, comparators }: MigrationReport): string {
  if (categories.length === 0) return ''
  const cells = ({ category, prompts, summary }: CategorySummary) => [
    category ?? '(none)',
    countText(prompts),
    ...summary.map(({ passRate }) => percentText(passRate?.value ?? null)),
  ]
  return table(
    [{ title: 'CATEGORY' }, right('PROMPTS'), ...comparators.map((name) => right(name.toUpperCase()))],
    categories.map(cells),
  )
}

function failingTable({ rows, comparators }: MigrationReport): string {
  const failing = rows.filter((row) => rowVerdict(row) === 'failed')
  if (failing.length === 0) return ''
  const shown = failing.slice(0, MAX_FAILING)
  const text = table(
    [right('#'), ...comparators.map((name) => right(name.toUpperCase())), { title: 'FAILING PROMPT' }],
    shown.map((row) => [
      String(row.number),
      ...comparators.map((name) => scoreText(verdictOf(row, name).meanScore)),
      row.prompt.preview,
    ]),
  )
  const more = failing.length - shown.length
  return more > 0 ? `${text}… and ${countText(more)} more\n` : text
}

function reasonTable({ rows }: MigrationReport): string {
  const counts = new Map<string, number>()
  for (const { status, reason } of rows) {
    const said = `${status}: ${reason}`
    if (status !== 'compared') counts.set(said, (counts.get(said) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, MAX_FAILING)
  if (sorted.length === 0) return ''
  return table(
    [right('PROMPTS'), { title: 'NOT COMPARED' }],
    sorted.map(([reason, count]) => [countText(count), reason.slice(0, 200)]),
  )
}
