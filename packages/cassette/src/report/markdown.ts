import type { Comparison } from '../compare/comparator.ts'
import {
  argumentsText,
  costText,
  countOf,
  countText,
  intervalText,
  meanOf,
  metricText,
  moneyText,
  NO_FIGURE,
  pairText,
  percentText,
  ratioText,
  scoreText,
  secondsText,
  totalText,
} from './figure-text.ts'
import type { Answer, CategorySummary, MigrationReport, ReportRow } from './report.ts'
import { detailRows, type Verdict, verdictOf } from './verdict.ts'
import { clip, oneLine, visible } from './visible-text.ts'

export interface DetailOptions {
  /** Prompts whose answers are shown in full, failing ones first; 0 means all. Default 25. */
  readonly maxDetailRows?: number
}

export const DEFAULT_MAX_DETAIL_ROWS = 25

/** Of each text. GitHub takes a job summary of 1 MiB. */
const MAX_TEXT_CHARS = 4000

/** The report as GitHub's Markdown, for a pull request or a job summary. */
export function renderMarkdown(
  report: MigrationReport,
  { maxDetailRows = DEFAULT_MAX_DETAIL_ROWS }: DetailOptions = {},
): string {
  const sections = [
    head(report),
    summary(report),
    gate(report),
    categories(report),
    results(report),
    details(report, maxDetailRows),
    notCompared(report),
    pricing(report),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function head(report: MigrationReport): string {
  const { counts, target, samples } = report
  const meta = [
    code(report.corpus),
    `target ${code(target.model)} (${inline(target.provider)})`,
    `generated ${inline(report.generatedAt)}`,
    `comparators ${report.comparators.map((name) => inline(name)).join(', ')}`,
    ...(samples > 1 ? [`${samples} samples a prompt`] : []),
  ]
  const baselines = report.baselineModels.map((model) => inline(model)).join(', ') || 'unknown'
  const lines = [
    `# Migration Report — ${baselines} → ${inline(target.model)}`,
    meta.join(' · '),
    `**${counts.compared} compared** (${counts.cached} cached, ${counts.live} live) · ${counts.skipped} skipped · ${counts.errored} errored`,
    ...report.warnings.map((warning) => `> ⚠️ ${inline(warning)}`),
  ]
  return lines.join('\n\n')
}

function summary(report: MigrationReport): string {
  const verdicts = table(
    [
      'Comparator',
      { right: 'Passed' },
      { right: 'Pass rate' },
      { right: '95 % interval' },
      { right: 'Mean score' },
    ],
    report.summary.map(({ comparator, compared, passed, errors, passRate, meanScore }) => [
      inline(comparator),
      `${passed}/${compared}${errors > 0 ? ` (${countOf(errors, 'error')})` : ''}`,
      percentText(passRate?.value ?? null),
      intervalText(passRate),
      scoreText(meanScore),
    ]),
  )
  const totals = table(
    ['Metric', { right: 'Baseline' }, { right: 'Target' }, { right: 'Ratio' }],
    report.totals.map((total) => [
      inline(metricText(total)),
      totalText(total, total.baseline),
      totalText(total, total.target),
      ratioText(total.ratio),
    ]),
  )
  const note =
    report.totals.length > 0
      ? '_Latencies of the baseline are those of its recording: an indication, no benchmark._'
      : ''
  return section('Summary', verdicts, totals, note)
}

function gate({ gate: { passed, thresholds, detail } }: MigrationReport): string {
  const rows = thresholds.map((result) => [
    inline(result.comparator),
    percentText(result.threshold),
    percentText(result.passRate),
    String(result.errors),
    `${mark(result.passed)} ${inline(result.detail)}`,
  ])
  return section(
    'Strict gate',
    `${mark(passed)} **${passed ? 'passed' : 'failed'}** — ${inline(detail)}`,
    table(
      ['Comparator', { right: 'Threshold' }, { right: 'Pass rate' }, { right: 'Errors' }, 'Verdict'],
      rows,
    ),
  )
}

function categories(report: MigrationReport): string {
  const title = ({ category }: CategorySummary) => (category === null ? '(none)' : inline(category))
  const ratio = ({ totals }: CategorySummary, metric: string) =>
    ratioText(totals.find((total) => total.metric === metric)?.ratio ?? null)
  return section(
    'By category',
    table(
      [
        'Category',
        { right: 'Prompts' },
        ...report.comparators.map((name) => ({ right: inline(name) })),
        { right: 'Output tokens' },
        { right: 'Latency' },
        { right: 'Cost' },
      ],
      report.categories.map((entry) => [
        title(entry),
        String(entry.prompts),
        ...entry.summary.map(
          ({ passRate, meanScore }) => `${percentText(passRate?.value ?? null)} · ${scoreText(meanScore)}`,
        ),
        ratio(entry, 'outputTokens'),
        ratio(entry, 'latencyMs'),
        ratio(entry, 'cost'),
      ]),
    ),
    report.categories.length > 0 ? '_Pass rate · mean score; ratios are target by baseline._' : '',
  )
}

function results(report: MigrationReport): string {
  const hasCategories = report.categories.length > 0
  const columns = [
    { right: '#' },
    'Prompt',
    ...(hasCategories ? ['Category'] : []),
    'Baseline',
    ...report.comparators.map((name) => ({ right: inline(name) })),
    { right: 'Out tok' },
    { right: 'Latency' },
    ...report.pricing.map(({ profile }) => ({ right: `Cost (${inline(profile)})` })),
    'Cached',
  ]
  const rows = report.rows
    .filter(({ status }) => status === 'compared')
    .map((row) => [
      String(row.number),
      promptText(row),
      ...(hasCategories ? [row.category === null ? NO_FIGURE : inline(row.category)] : []),
      inline(row.baseline?.model ?? '?'),
      ...report.comparators.map((name) => verdictText(verdictOf(row, name))),
      ...figures(report, row),
      row.samples.every(({ isCached }) => isCached) ? 'cached' : 'live',
    ])
  return section('Results', table(columns, rows))
}

function figures(report: MigrationReport, { baseline, samples }: ReportRow): string[] {
  const answers = samples.map(({ answer }) => answer)
  const pair = (figure: (answer: Answer) => number | null, text: (value: number) => string) =>
    pairText(baseline && figure(baseline), meanOf(answers, figure), text)
  return [
    pair(
      ({ outputTokens }) => outputTokens,
      (count) => countText(Math.round(count)),
    ),
    pair(({ latencyMs }) => latencyMs, secondsText),
    ...report.pricing.map(({ currency }, place) =>
      pair(
        ({ costs }) => costs[place]?.amount ?? null,
        (amount) => moneyText(amount, currency),
      ),
    ),
  ]
}

function promptText({ prompt, baseline, samples }: ReportRow): string {
  const hasTools = [baseline, ...samples.map(({ answer }) => answer)].some(
    (answer) => answer && answer.toolCalls.length > 0,
  )
  return `${hasTools ? '🔧 ' : ''}${inline(prompt.preview)}`
}

function verdictText({ outcome, passed, judged, meanScore }: Verdict): string {
  if (outcome === 'absent') return NO_FIGURE
  if (outcome === 'error') return '⚠️ error'
  const share = judged > 1 ? ` (${passed}/${judged})` : ''
  return `${outcome === 'unjudged' ? '' : `${mark(outcome === 'passed')} `}${scoreText(meanScore)}${share}`
}

function details(report: MigrationReport, maxRows: number): string {
  const { shown, omitted } = detailRows(report, maxRows)
  return section(
    'Details',
    shown.length > 0 ? '_Failing prompts first, then by the lowest mean score._' : '',
    ...shown.map((row) => detail(report, row)),
    omitted > 0
      ? `_${countOf(omitted, 'more prompt')} not shown here; \`--max-detail-rows 0\` shows all._`
      : '',
  )
}

function detail(report: MigrationReport, row: ReportRow): string {
  const meta = [
    code(row.baselineId),
    `semantic key ${code(row.semanticKey)}`,
    ...(row.category === null ? [] : [`category ${inline(row.category)}`]),
  ]
  const blocks = [
    `### ${row.number}. ${promptText(row)}`,
    meta.join(' · '),
    row.notes.map((note) => `- _${inline(note)}_`).join('\n'),
    row.samples.flatMap(({ comparisons }) => comparisons.map(comparisonText)).join('\n'),
    folded('Prompt', fence(row.prompt.text)),
    row.baseline === null ? '' : answerBlock(report, 'Baseline', row.baseline),
    ...row.samples.map(({ answer }, place) =>
      answerBlock(report, row.samples.length > 1 ? `Target, sample ${place + 1}` : 'Target', answer),
    ),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function comparisonText({ comparator, score, passed, detail, isError }: Comparison): string {
  const sign = isError ? '⚠️' : passed === null ? '•' : mark(passed)
  return `- **${inline(comparator)}** ${sign} ${scoreText(isError ? null : score)}${detail === '' ? '' : ` — ${inline(detail, 500)}`}`
}

function answerBlock({ pricing }: MigrationReport, side: string, answer: Answer): string {
  const costs = pricing.map(({ currency }, place) => costText(answer.costs[place] ?? null, currency))
  const calls = answer.toolCalls.map(
    ({ name, arguments: args }) => `- ${code(name)} ${code(argumentsText(args))}`,
  )
  const figures = [
    pairOf(answer.inputTokens, 'tokens in'),
    pairOf(answer.outputTokens, 'out'),
    ...(answer.latencyMs === null ? [] : [secondsText(answer.latencyMs)]),
    ...costs.filter((cost) => cost !== NO_FIGURE),
    ...(answer.finishReason === null ? [] : [`finish reason ${inline(answer.finishReason)}`]),
  ].filter((figure) => figure !== '')
  return folded(
    `${side} (${inline(answer.model)})`,
    figures.join(' · '),
    answer.text === '' && calls.length > 0 ? '' : fence(answer.text),
    calls.length > 0 ? `**Tool calls**\n\n${calls.join('\n')}` : '',
  )
}

function pairOf(count: number | null, unit: string): string {
  return count === null ? '' : `${countText(count)} ${unit}`
}

function notCompared({ rows }: MigrationReport): string {
  const listed = rows.filter(({ status }) => status !== 'compared')
  return section(
    'Skipped & errors',
    table(
      [{ right: '#' }, 'Status', 'Prompt', 'Reason'],
      listed.map((row) => [String(row.number), row.status, promptText(row), inline(row.reason ?? '', 300)]),
    ),
  )
}

function pricing(report: MigrationReport): string {
  const lines = report.pricing.flatMap(({ profile, asOf, snapshots, unknownModels }) => [
    `- ${code(profile)} (as of ${inline(asOf)}): ${snapshots.map(({ name, date, digest }) => `${inline(name)} ${inline(date)} ${code(digest)}`).join(', ')}`,
    ...(unknownModels.length > 0
      ? [`  - no price for ${unknownModels.map((model) => code(model)).join(', ')}`]
      : []),
  ])
  return section('Pricing', lines.length > 0 ? lines.join('\n') : '')
}

/** Nothing where all of its blocks are empty. */
function section(title: string, ...blocks: readonly string[]): string {
  const filled = blocks.filter((block) => block !== '')
  return filled.length === 0 ? '' : [`## ${title}`, ...filled].join('\n\n')
}

/** The titles of columns, and those of columns whose numbers stand right. */
type Column = string | { readonly right: string }

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map((column) => (typeof column === 'string' ? column : column.right))),
    line(columns.map((column) => (typeof column === 'string' ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n')
}

function folded(title: string, ...blocks: readonly string[]): string {
  return [
    `<details><summary>${title}</summary>`,
    ...blocks.filter((block) => block !== ''),
    '</details>',
  ].join('\n\n')
}

function mark(passed: boolean): string {
  return passed ? '✅' : '❌'
}

/** Foreign text within a line: one line, and nothing in it is markup. */
function inline(text: string, maxChars = 80): string {
  return oneLine(text, maxChars)
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** As `inline`, in a code span. */
function code(text: string): string {
  const flat = oneLine(text, 500).replaceAll('`', "'")
  return flat === '' ? NO_FIGURE : `\`${flat}\``
}

/** A block whose fence is longer than any within. */
function fence(text: string): string {
  const shown = clip(visible(text), MAX_TEXT_CHARS)
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}text\n${shown}\n${ticks}`
}
