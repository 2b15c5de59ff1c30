import { scoreText } from './figure-text.ts'
import { escapeHtml } from './html-template.ts'
import type { MigrationReport, ReportRow } from './report.ts'
import { clip } from './visible-text.ts'

const MAX_TEXT_CHARS = 4000

/**
 * The report as JUnit XML, for CI systems: a suite for each category, a case for each prompt and comparator, so that
 * a comparator that fails is seen as a failing test.
 */
export function renderJunit(report: MigrationReport): string {
  const suites = [...groupBy(report.rows)].map(([category, rows]) => suite(report, category, rows))
  const { tests, failures, errors, skipped } = sumOf(suites)
  const name = `migration to ${report.target.model}`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeHtml(name)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
}

interface Case {
  readonly kind: 'passed' | keyof Omit<Counts, 'tests'>
  readonly xml: string
}

function groupBy(rows: readonly ReportRow[]): ReadonlyMap<string, readonly ReportRow[]> {
  const groups = new Map<string, ReportRow[]>()
  for (const row of rows) {
    const category = row.category ?? 'prompts'
    const group = groups.get(category)
    if (group) group.push(row)
    else groups.set(category, [row])
  }
  return groups
}

function suite(
  report: MigrationReport,
  category: string,
  rows: readonly ReportRow[],
): Counts & { readonly xml: string } {
  const cases = rows.flatMap((row) => casesOf(row))
  const count = (kind: Case['kind']) => cases.filter((entry) => entry.kind === kind).length
  const counts = {
    tests: cases.length,
    failures: count('failures'),
    errors: count('errors'),
    skipped: count('skipped'),
  }
  const attributes = Object.entries(counts).map(([name, value]) => `${name}="${value}"`)
  const head = `<testsuite name="${escapeHtml(category)}" timestamp="${escapeHtml(report.generatedAt)}" ${attributes.join(' ')}>`
  return {
    ...counts,
    xml: [`  ${head}`, ...cases.map(({ xml }) => `    ${xml}`), '  </testsuite>'].join('\n'),
  }
}

function casesOf(row: ReportRow): readonly Case[] {
  if (row.status === 'skipped') return [caseOf(row, 'skipped', 'skipped', row.reason ?? '')]
  if (row.status === 'errored') return [caseOf(row, 'target', 'errors', row.reason ?? '')]
  return row.samples.flatMap(({ comparisons }, place) =>
    comparisons.map(({ comparator, passed, isError, score, detail }) => {
      const name = row.samples.length > 1 ? `${comparator}, sample ${place + 1}` : comparator
      const kind = isError ? 'errors' : passed === false ? 'failures' : 'passed'
      return caseOf(row, name, kind, isError ? detail : `score ${scoreText(score)}: ${detail}`)
    }),
  )
}

function caseOf(row: ReportRow, name: string, kind: Case['kind'], message: string): Case {
  const title = `${row.number}. ${row.prompt.preview} [${name}]`
  const seconds = ((row.samples[0]?.answer.latencyMs ?? 0) / 1000).toFixed(3)
  const head = `testcase classname="${escapeHtml(row.baselineId)}" name="${escapeHtml(title)}" time="${seconds}"`
  if (kind === 'passed') return { kind, xml: `<${head}/>` }
  const tag = { failures: 'failure', errors: 'error', skipped: 'skipped' }[kind]
  const said = `message="${escapeHtml(message)}"`
  const inside =
    kind === 'skipped' ? `<skipped ${said}/>` : `<${tag} ${said}>${escapeHtml(answers(row))}</${tag}>`
  return { kind, xml: `<${head}>${inside}</testcase>` }
}

function answers({ baseline, samples }: ReportRow): string {
  const target = samples.map(({ answer }) => clip(answer.text, MAX_TEXT_CHARS)).join('\n---\n')
  return `Baseline:\n${clip(baseline?.text ?? '', MAX_TEXT_CHARS)}\n\nTarget:\n${target}`
}

function sumOf(suites: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => suites.reduce((total, counts) => total + counts[key], 0)
  return { tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), skipped: sum('skipped') }
}
