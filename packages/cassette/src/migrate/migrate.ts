import { createScrubber } from '@agent-stream/protocol/scrub'

import type { Comparator } from '../compare/comparator.ts'
import { compareAnswers } from '../compare/create-comparators.ts'
import { gateOf } from '../report/gate.ts'
import { type MigrationReport, REPORT_VERSION, type ReportRow, type Sample } from '../report/report.ts'
import { categoriesOf, countRows, summarise, totalsOf } from '../report/summarise.ts'
import { oneLine } from '../report/visible-text.ts'
import type { CassetteStore } from '../store/cassette-store.ts'
import { answerOf, type Pricer } from './answer-of.ts'
import { type Corpus, type CorpusPrompt, readCorpus } from './corpus.ts'
import { forEachConcurrently } from './for-each-concurrently.ts'
import { decodeCassette, type Prompt, readPrompt } from './prompt.ts'
import { scrubRow } from './scrub-row.ts'
import type { TargetAnswers, TargetResult } from './target-answers.ts'

export interface MigrateOptions {
  readonly store: CassetteStore
  /** The corpus as readers know it, such as its folder. */
  readonly corpusName: string
  readonly target: { readonly model: string; readonly provider: string }
  readonly answers: TargetAnswers
  readonly comparators: readonly Comparator[]
  /** One for each view of the costs. Default: none. */
  readonly pricing?: readonly Pricer[]
  /** Only recordings whose id contains it. */
  readonly filter?: string
  /** At most so many prompts, the first ones. */
  readonly limit?: number
  /** How often each prompt is asked. Default 1. */
  readonly samples?: number
  /** Prompts at the same time. Default 8. */
  readonly concurrency?: number
  /** The least pass rate of comparators, for the gate. */
  readonly minPass?: ReadonlyMap<string, number>
  /** ISO 8601. */
  readonly generatedAt: string
  readonly onProgress?: (progress: MigrateProgress) => void
}

export interface MigrateProgress {
  readonly done: number
  readonly total: number
  readonly row: ReportRow
}

/** Compares the target's answers to every prompt of a corpus with those that are recorded. */
export async function migrate(options: MigrateOptions): Promise<MigrationReport> {
  const { store, filter, limit = Infinity, concurrency = 8, onProgress } = options
  const corpus = await readCorpus(store, filter)
  const prompts = corpus.prompts.slice(0, limit)
  const scrubber = createScrubber()
  const rows: ReportRow[] = []
  let done = 0
  await forEachConcurrently(prompts.entries(), concurrency, async ([place, prompt]) => {
    const row = scrubRow(await compareRow(prompt, place + 1, options), scrubber)
    rows[place] = row
    done++
    onProgress?.({ done, total: prompts.length, row })
  })
  return reportOf(rows, corpus, options)
}

function reportOf(
  rows: readonly ReportRow[],
  { problems }: Corpus,
  {
    corpusName,
    target,
    samples = 1,
    comparators,
    pricing = [],
    minPass = new Map(),
    generatedAt,
  }: MigrateOptions,
): MigrationReport {
  const names = comparators.map(({ name }) => name)
  const compared = rows.filter(({ status }) => status === 'compared')
  const counts = countRows(rows)
  const summary = summarise(compared, names)
  const notes = pricing.map((pricer) => pricer.note())
  const models = rows.map(({ baseline }) => baseline?.model).filter((model) => model !== undefined)
  return {
    version: REPORT_VERSION,
    generatedAt,
    corpus: corpusName,
    baselineModels: [...new Set(models)].sort(),
    target,
    samples,
    comparators: names,
    counts,
    summary,
    totals: totalsOf(compared, notes),
    gate: gateOf(summary, counts, minPass),
    categories: categoriesOf(rows, { comparators: names, pricing: notes }),
    rows,
    pricing: notes,
    warnings: warningsOf(problems, rows),
  }
}

function warningsOf(problems: Corpus['problems'], rows: readonly ReportRow[]): readonly string[] {
  const unread = problems.map(({ message }) => `passed over: ${message}`)
  const cut = rows.filter(({ notes }) => notes.some((note) => note.startsWith(CUT_OFF))).length
  if (cut === 0) return unread
  const said = `${cut} ${cut === 1 ? 'answer' : 'answers'} of the target cut off by the token limit: scores and ratios may be unfair`
  return [...unread, said]
}

const CUT_OFF = 'the answer was cut off'

async function compareRow(entry: CorpusPrompt, number: number, options: MigrateOptions): Promise<ReportRow> {
  const { store, samples = 1, answers, pricing = [] } = options
  const baseline = await store.read(entry.baseline)
  const empty = {
    number,
    semanticKey: entry.semanticKey,
    baselineId: entry.baseline.id,
    prompt: { preview: entry.baseline.id, text: '' },
    category: entry.category,
    passed: null,
    baseline: null,
    samples: [],
    notes: notesOn(entry),
  }
  const prompt = baseline
    ? readPrompt(entry, baseline)
    : { type: 'unreadable' as const, reason: 'its recording is no longer there' }
  if (prompt.type === 'unreadable') return { ...empty, status: 'skipped', reason: prompt.reason }
  const read = {
    ...empty,
    prompt: { preview: oneLine(prompt.preview), text: prompt.text },
    baseline: answerOf(prompt.baseline, prompt.answer, pricing),
  }
  const results: TargetResult[] = []
  for (let sample = 1; sample <= samples; sample++) results.push(await answers(prompt, sample))
  return { ...read, ...(await judge(prompt, results, read.notes, options)) }
}

function notesOn({ others }: CorpusPrompt): readonly string[] {
  if (others.length === 0) return []
  const names = others.map(({ id, occurrence }) => (occurrence === 1 ? id : `${id} (${occurrence})`))
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return [`other recordings of this prompt are not looked at: ${names.slice(0, 3).join(', ')}${more}`]
}

type Judged = Pick<ReportRow, 'status' | 'reason' | 'passed' | 'samples' | 'notes'>

async function judge(
  prompt: Prompt,
  results: readonly TargetResult[],
  notes: readonly string[],
  options: MigrateOptions,
): Promise<Judged> {
  const failed =
    results.find(({ type }) => type === 'errored') ?? results.find(({ type }) => type === 'skipped')
  const answered = results.filter((result) => result.type === 'answer')
  if (failed && failed.type !== 'answer' && (failed.type === 'errored' || answered.length === 0)) {
    return { status: failed.type, reason: failed.reason, passed: null, samples: [], notes }
  }
  const samples: Sample[] = []
  const said = new Set(notes)
  if (answered.length < results.length)
    said.add(`${answered.length} of ${results.length} samples have an answer`)
  for (const result of answered) {
    const sample = await compareSample(prompt, result, options)
    if (typeof sample === 'string')
      return { status: 'errored', reason: sample, passed: null, samples: [], notes }
    samples.push(sample.sample)
    for (const note of [...result.notes, ...sample.notes]) said.add(note)
  }
  const comparisons = samples.flatMap((sample) => sample.comparisons)
  const passed = comparisons.every((comparison) => comparison.passed !== false && !comparison.isError)
  return { status: 'compared', reason: null, passed, samples, notes: [...said] }
}

/** A text: why the answer cannot be compared. */
async function compareSample(
  prompt: Prompt,
  { cassette, isCached }: Extract<TargetResult, { type: 'answer' }>,
  { comparators, pricing = [] }: MigrateOptions,
): Promise<{ readonly sample: Sample; readonly notes: readonly string[] } | string> {
  const target = decodeCassette(cassette)
  if (typeof target === 'string') return `${cassette.id}: ${target}; remove it to ask again`
  const comparisons = await compareAnswers(comparators, {
    prompt: prompt.text,
    baseline: prompt.answer,
    target,
  })
  const notes = target.isTruncated
    ? [`${CUT_OFF} (finish reason ${target.finishReason ?? 'unknown'}); --max-tokens gives it more room`]
    : []
  return { sample: { answer: answerOf(cassette, target, pricing), isCached, comparisons }, notes }
}
