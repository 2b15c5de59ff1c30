import {
  countOf,
  intervalText,
  metricText,
  NO_FIGURE,
  percentText,
  ratioText,
  scoreText,
  totalText,
} from './figure-text.ts'
import { pairBars, rateBar, stackedBar } from './html-chart.ts'
import { type Html, html } from './html-template.ts'
import type { CategorySummary, ComparatorSummary, Gate, MigrationReport } from './report.ts'
import { type RowVerdict, rowVerdict } from './verdict.ts'

const VERDICTS: readonly RowVerdict[] = ['passed', 'failed', 'errored', 'skipped']

export function summaryHtml(report: MigrationReport): Html {
  const slices = VERDICTS.map((kind) => ({
    kind,
    count: report.rows.filter((row) => rowVerdict(row) === kind).length,
  }))
  const legend = slices.map(
    ({ kind, count }) => html`<li><span class="dot ${kind}"></span><b>${count}</b> ${kind}</li>`,
  )
  return html`<h2>Summary</h2>
${stackedBar(slices)}<ul class="legend">${legend}</ul>
<div class="cards" id="comparators">${report.summary.map(card)}</div>
${totals(report)}`
}

function card({ comparator, compared, passed, errors, passRate, meanScore }: ComparatorSummary): Html {
  const failures = errors > 0 ? html` · ${countOf(errors, 'error')}` : null
  return html`<div class="card"><h3>${comparator}</h3><div class="big">${percentText(passRate?.value ?? null)}</div>${passRate && rateBar(passRate)}<p>${passed} of ${compared} passed · mean score ${scoreText(meanScore)}${failures}<br>95 % interval ${intervalText(passRate)}</p></div>`
}

const PAIR_LEGEND: Column = {
  title: html`<span class="dot baseline"></span>baseline <span class="dot target"></span>target`,
  kind: 'chart',
}

function totals(report: MigrationReport): Html | null {
  const rows = report.totals.map((total) => [
    html`${metricText(total)}`,
    html`${totalText(total, total.baseline)}`,
    html`${totalText(total, total.target)}`,
    html`${ratioText(total.ratio)}`,
    pairBars(total.baseline, total.target),
  ])
  if (rows.length === 0) return null
  return html`${tableHtml([column('Metric'), right('Baseline'), right('Target'), right('Ratio'), PAIR_LEGEND], rows)}<p class="note">Over the prompts for which both sides have the figure. Latencies of the baseline are those of its recording: an indication, no benchmark.</p>`
}

/** The verdict of the strict gate at a glance. */
export function gatePill({ passed }: Gate): Html {
  return html`<span class="gate ${passed ? 'passed' : 'failed'}">${passed ? '✓ passed' : '✕ failed'}</span>`
}

export function gateHtml({ gate }: MigrationReport): Html {
  const { thresholds, detail } = gate
  const rows = thresholds.map((result) => [
    html`${result.comparator}`,
    html`${percentText(result.threshold)}`,
    html`${percentText(result.passRate)}`,
    html`${result.errors}`,
    html`<span class="gate ${result.passed ? 'passed' : 'failed'}">${result.passed ? '✓' : '✕'}</span> ${result.detail}`,
  ])
  const columns = [
    column('Comparator'),
    right('Threshold'),
    right('Pass rate'),
    right('Errors'),
    column('Verdict'),
  ]
  return html`<h2>Strict gate</h2><p>${gatePill(gate)} ${detail}</p>${rows.length > 0 ? tableHtml(columns, rows) : null}`
}

export function categoriesHtml(report: MigrationReport): Html | null {
  if (report.categories.length === 0) return null
  const columns = [
    column('Category'),
    right('Prompts'),
    ...report.comparators.map(right),
    right('Output tokens'),
    right('Latency'),
    right('Cost'),
  ]
  return html`<h2>By category</h2>${tableHtml(columns, report.categories.map(categoryCells))}<p class="note">Pass rate · mean score; ratios are target by baseline.</p>`
}

function categoryCells(entry: CategorySummary): readonly Html[] {
  const ratio = (metric: string) =>
    html`${ratioText(entry.totals.find((of) => of.metric === metric)?.ratio ?? null)}`
  return [
    html`<bdi>${entry.category ?? '(none)'}</bdi>`,
    html`${entry.prompts}`,
    ...entry.summary.map(
      ({ passRate, meanScore }) => html`${percentText(passRate?.value ?? null)} · ${scoreText(meanScore)}`,
    ),
    ratio('outputTokens'),
    ratio('latencyMs'),
    ratio('cost'),
  ]
}

/** Why prompts were not compared, and how many each. */
export function reasonsHtml({ rows }: MigrationReport): Html | null {
  const counts = new Map<string, { status: string; reason: string; count: number }>()
  for (const { status, reason } of rows) {
    if (status === 'compared') continue
    const key = `${status} ${reason}`
    const entry = counts.get(key) ?? { status, reason: reason ?? '', count: 0 }
    entry.count++
    counts.set(key, entry)
  }
  if (counts.size === 0) return null
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count)
  return html`<h2>Skipped &amp; errors</h2>${tableHtml(
    [right('Prompts'), column('Status'), column('Reason')],
    sorted.map(({ status, reason, count }) => [html`${count}`, html`${status}`, html`<bdi>${reason}</bdi>`]),
  )}`
}

export function pricingHtml({ pricing }: MigrationReport): Html | null {
  if (pricing.length === 0) return null
  const rows = pricing.map(({ profile, asOf, snapshots, unknownModels }) => [
    html`${profile}`,
    html`${asOf}`,
    html`${snapshots.map(({ name, date, digest }) => html`${name} ${date} <code>${digest}</code><br>`)}`,
    html`${unknownModels.join(', ') || NO_FIGURE}`,
  ])
  return html`<h2>Pricing</h2>${tableHtml(['Profile', 'As of', 'Snapshots', 'Models without a price'].map(column), rows)}`
}

interface Column {
  readonly title: Html
  /** Numbers stand right. */
  readonly kind: 'wide' | 'right' | 'chart'
}

const column = (title: string): Column => ({ title: html`${title}`, kind: 'wide' })
const right = (title: string): Column => ({ title: html`${title}`, kind: 'right' })

function tableHtml(columns: readonly Column[], rows: readonly (readonly Html[])[]): Html {
  const head = columns.map(({ title, kind }) => html`<th class="${kind}">${title}</th>`)
  const body = rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, place) => html`<td class="${columns[place]?.kind ?? 'wide'}">${cell}</td>`)}</tr>`,
  )
  return html`<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}
