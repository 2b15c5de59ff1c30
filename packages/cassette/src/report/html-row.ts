import type { Comparison } from '../compare/comparator.ts'
import {
  argumentsText,
  costText,
  countText,
  meanOf,
  NO_FIGURE,
  pairText,
  scoreText,
  secondsText,
} from './figure-text.ts'
import { type Html, html } from './html-template.ts'
import type { Answer, MigrationReport, ReportRow } from './report.ts'
import { textDiff } from './text-diff.ts'
import { type RowVerdict, rowVerdict, type Verdict, verdictOf } from './verdict.ts'
import { clip, oneLine } from './visible-text.ts'

/** Of each text; the JSON report has all of it. */
const MAX_TEXT_CHARS = 20_000
const MAX_DETAIL_CHARS = 1000

const MARKS: Readonly<Record<RowVerdict, string>> = {
  passed: '✓',
  failed: '✕',
  skipped: '–',
  errored: '!',
}

/** One prompt: a line, which opens if it `hasDetail`. */
export function rowHtml(report: MigrationReport, row: ReportRow, hasDetail: boolean): Html {
  const verdict = rowVerdict(row)
  const verdicts =
    row.status === 'compared'
      ? report.comparators.map((name) => ({ name, verdict: verdictOf(row, name) }))
      : []
  const failing = verdicts.filter(({ verdict: { outcome } }) => outcome === 'failed' || outcome === 'error')
  const head = html`<span class="number">${row.number}</span><span class="mark ${verdict}" title="${verdict}">${MARKS[verdict]}</span><span class="prompt"><bdi>${row.prompt.preview}</bdi>${reasonOf(row)}</span><span class="tags">${categoryTag(row)}${verdicts.map(({ name, verdict: of }) => scoreTag(name, of))}</span><span class="figures">${figures(row)}</span>`
  const data = html`id="row-${row.number}" data-verdict="${verdict}" data-category="${row.category ?? ''}" data-failing="${failing.map(({ name }) => name).join('\n')}"`
  return hasDetail
    ? html`<details class="row" ${data}><summary>${head}</summary><div class="body">${detail(report, row)}</div></details>\n`
    : html`<div class="row" ${data}><div class="line">${head}</div></div>\n`
}

function reasonOf({ reason }: ReportRow): Html | null {
  return reason === null ? null : html`<span class="reason">${oneLine(reason, 300)}</span>`
}

function categoryTag({ category }: ReportRow): Html | null {
  return category === null ? null : html`<span class="tag"><bdi>${category}</bdi></span>`
}

function scoreTag(name: string, { outcome, meanScore, passed, judged }: Verdict): Html {
  const share = judged > 1 ? ` ${passed}/${judged}` : ''
  const score = outcome === 'error' ? 'error' : scoreText(meanScore)
  return html`<span class="tag ${outcome}">${name} <b>${score}${share}</b></span>`
}

function figures({ baseline, samples }: ReportRow): Html {
  const answers = samples.map(({ answer }) => answer)
  if (!baseline || answers.length === 0) return html``
  const tokens = pairText(
    baseline.outputTokens,
    meanOf(answers, (of) => of.outputTokens),
    (count) => countText(Math.round(count)),
  )
  const latency = pairText(
    baseline.latencyMs,
    meanOf(answers, (of) => of.latencyMs),
    secondsText,
  )
  return html`<span title="output tokens">${tokens}</span><span title="latency">${latency}</span>`
}

function detail(report: MigrationReport, row: ReportRow): Html {
  const { baseline } = row
  const hasSamples = row.samples.length > 1
  return html`<p class="ids">${row.baselineId} · semantic key ${row.semanticKey}</p>${list(row.notes.map((note) => html`<li>${note}</li>`))}<details class="text"><summary>Prompt</summary>${textHtml(row.prompt.text)}</details>${row.samples.map(
    (sample, place) =>
      html`${hasSamples ? html`<h4>Sample ${place + 1}${sample.isCached ? ' (cached)' : ''}</h4>` : null}${list(sample.comparisons.map(comparisonHtml))}${baseline && diffHtml(baseline, sample.answer)}<div class="sides">${baseline && answerHtml(report, 'Baseline', baseline)}${answerHtml(report, 'Target', sample.answer)}</div>`,
  )}`
}

function list(items: readonly Html[]): Html | null {
  return items.length === 0 ? null : html`<ul>${items}</ul>`
}

function comparisonHtml({ comparator, score, passed, detail: said, isError }: Comparison): Html {
  const outcome = isError ? 'error' : passed === null ? 'unjudged' : passed ? 'passed' : 'failed'
  return html`<li><span class="tag ${outcome}">${comparator} <b>${scoreText(isError ? null : score)}</b></span> <bdi>${clip(said, MAX_DETAIL_CHARS)}</bdi></li>`
}

function answerHtml({ pricing }: MigrationReport, side: string, answer: Answer): Html {
  const figures = [
    answer.inputTokens === null ? '' : `${countText(answer.inputTokens)} tokens in`,
    answer.outputTokens === null ? '' : `${countText(answer.outputTokens)} out`,
    answer.latencyMs === null ? '' : secondsText(answer.latencyMs),
    answer.firstChunkMs === null ? '' : `first bytes after ${secondsText(answer.firstChunkMs)}`,
    ...pricing.map(({ currency }, place) => costText(answer.costs[place] ?? null, currency)),
    answer.finishReason ?? '',
  ].filter((figure) => figure !== '' && figure !== NO_FIGURE)
  const calls = answer.toolCalls.map(
    ({ name, arguments: args }) =>
      html`<li><code>${name}</code> <code><bdi>${clip(argumentsText(args), MAX_DETAIL_CHARS)}</bdi></code></li>`,
  )
  return html`<section><h4>${side} <small>${answer.model}</small></h4><p class="ids">${figures.join(' · ')}</p>${answer.text === '' && calls.length > 0 ? null : textHtml(answer.text)}${list(calls)}</section>`
}

function textHtml(text: string): Html {
  return text === ''
    ? html`<p class="none">No text.</p>`
    : html`<pre dir="auto">${clip(text, MAX_TEXT_CHARS)}</pre>`
}

function diffHtml(baseline: Answer, target: Answer): Html {
  const [before, after] = [clip(baseline.text, MAX_TEXT_CHARS), clip(target.text, MAX_TEXT_CHARS)]
  if (before === after) return html`<p class="none">Both texts are the same.</p>`
  if (before === '' || after === '') return html`<p class="none">Only one of them has a text.</p>`
  const changes = textDiff(before, after)
  if (!changes)
    return html`<p class="none">The texts have too little in common to show their differences.</p>`
  const marked = changes.map(({ kind, text }) =>
    kind === 'same' ? html`${text}` : kind === 'added' ? html`<ins>${text}</ins>` : html`<del>${text}</del>`,
  )
  return html`<details class="text" open><summary>Differences</summary><pre dir="auto">${marked}</pre></details>`
}
