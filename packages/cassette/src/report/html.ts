import { createHash } from 'node:crypto'

import { rowHtml } from './html-row.ts'
import { filterPrompts } from './html-script.ts'
import { STYLE } from './html-style.ts'
import { categoriesHtml, gateHtml, gatePill, pricingHtml, reasonsHtml, summaryHtml } from './html-summary.ts'
import { Html, html } from './html-template.ts'
import { DEFAULT_MAX_DETAIL_ROWS, type DetailOptions } from './markdown.ts'
import type { MigrationReport } from './report.ts'
import { detailRows } from './verdict.ts'

/**
 * The report as one HTML file that asks for nothing else and works without JavaScript, which adds the search. Only its
 * own script and style run: a policy names them by their hashes.
 */
export function renderHtml(
  report: MigrationReport,
  { maxDetailRows = DEFAULT_MAX_DETAIL_ROWS }: DetailOptions = {},
): string {
  const script = `(${filterPrompts})()`
  const policy = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`
  const title = `${report.baselineModels.join(', ') || 'unknown'} → ${report.target.model}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Migration Report — ${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1><small>Migration report</small>${title}</h1>
${headHtml(report)}
${summaryHtml(report)}
${gateHtml(report)}
${categoriesHtml(report)}
${resultsHtml(report, maxDetailRows)}
${reasonsHtml(report)}
${pricingHtml(report)}
</main>
<script>${new Html(script)}</script>
</body>
</html>
`.markup
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function headHtml({
  corpus,
  target,
  generatedAt,
  comparators,
  counts,
  gate,
  samples,
  warnings,
}: MigrationReport): Html {
  const meta = [
    corpus,
    `target ${target.model} (${target.provider})`,
    `generated ${generatedAt}`,
    `comparators ${comparators.join(', ')}`,
    ...(samples > 1 ? [`${samples} samples a prompt`] : []),
  ]
  return html`<p class="meta">${meta.join(' · ')}</p>
<p>${gatePill(gate)} <b>${counts.compared} compared</b> (${counts.cached} cached, ${counts.live} live) · ${counts.skipped} skipped · ${counts.errored} errored</p>
${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}`
}

function resultsHtml(report: MigrationReport, maxRows: number): Html {
  const { shown } = detailRows(report, maxRows)
  const { shown: compared } = detailRows(report, 0)
  const others = report.rows.filter(({ status }) => status !== 'compared')
  const note =
    shown.length < compared.length
      ? html` The answers of the first ${shown.length} are in this file; --max-detail-rows 0 puts all of them in.`
      : null
  return html`<h2 id="results">Results</h2>
<p class="note">Failing prompts first, then by the lowest mean score. Open one to see its answers.${note}</p>
${toolsHtml(report)}
${compared.map((row, place) => rowHtml(report, row, place < shown.length))}${others.map((row) => rowHtml(report, row, false))}`
}

function toolsHtml({ comparators, categories }: MigrationReport): Html {
  const option = (value: string, text: string) => html`<option value="${value}">${text}</option>`
  return html`<div class="tools" hidden><input type="search" placeholder="Search prompts and answers" aria-label="Search prompts and answers"><select aria-label="Verdict">${option('', 'every verdict')}${['failed', 'passed', 'errored', 'skipped'].map((verdict) => option(verdict, verdict))}</select><select aria-label="Failing comparator">${option('', 'every comparator')}${comparators.map((name) => option(name, `${name} fails`))}</select><select aria-label="Category">${option('', 'every category')}${categories.map(({ category }) => option(category ?? '', category ?? '(no category)'))}</select><button type="button">Open all</button><button type="button">Close all</button><output></output></div>`
}
