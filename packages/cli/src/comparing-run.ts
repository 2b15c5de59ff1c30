import type { CassetteStore } from '@agent-stream/cassette'
import {
  type AskJudge,
  apiKeyIn,
  type Comparator,
  createComparators,
  type Embed,
  type MigrateOptions,
  type MigrationReport,
  migrate,
  type Pricer,
  type Provider,
  providerForModel,
  providerNamed,
} from '@agent-stream/cassette/migration'

import { openCassettes } from './cassette-folder.ts'
import { CommandFailure } from './failure.ts'
import { writeReports } from './migration-files.ts'
import type { ComparingOptions } from './migration-options.ts'
import { migrationSummary } from './migration-summary.ts'
import { openPricing } from './pricing.ts'
import type { ExitCode, Shell } from './shell.ts'

/** What a comparison works with, checked before anything is done. */
export interface ComparingRun {
  readonly store: CassetteStore
  readonly provider: Provider
  readonly pricing: readonly Pricer[]
  readonly apiKey: (provider: Provider) => string | undefined
}

export async function openRun(options: ComparingOptions): Promise<ComparingRun> {
  return {
    store: await openCassettes(options.corpus),
    provider: providerOf(options),
    pricing: await openPricing(options),
    apiKey: (provider) => apiKeyIn(process.env, provider),
  }
}

function providerOf({ target, targetProvider }: ComparingOptions): Provider {
  if (targetProvider !== undefined) return usage('--target-provider', () => providerNamed(targetProvider))
  const provider = providerForModel(target)
  return provider ?? fail(`--target ${target}: its name tells no provider; name one by --target-provider`)
}

function fail(message: string): never {
  throw new CommandFailure(message, 2)
}

/** What the library takes for a mistake of its caller is one of the command's. */
function usage<T>(option: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof TypeError) return fail(`${option}: ${error.message}`)
    throw error
  }
}

/** Where answers, verdicts and vectors come from. */
export interface AnswerSources extends Pick<MigrateOptions, 'answers' | 'onProgress'> {
  readonly ask: AskJudge
  readonly embed: Embed
}

/** Compares, writes the report and shows what it comes to. */
export async function compareCorpus(
  run: ComparingRun,
  options: ComparingOptions,
  shell: Shell,
  { ask, embed, ...sources }: AnswerSources,
): Promise<ExitCode> {
  const { terminal } = shell
  const comparators = comparatorsOf(options, ask, embed)
  const minPass = minPassOf(options, comparators)
  const report = await migrate({
    ...sources,
    store: run.store,
    corpusName: options.corpus,
    target: { model: options.target, provider: run.provider.name },
    comparators,
    pricing: run.pricing,
    samples: options.samples,
    concurrency: options.concurrency,
    minPass,
    generatedAt: new Date().toISOString(),
    ...(options.filter !== undefined && { filter: options.filter }),
    ...(options.limit !== undefined && { limit: options.limit }),
  })
  terminal.draw('')
  const files = await writeReports(report, options)
  for (const warning of report.warnings) terminal.warn(warning)
  await terminal.print(
    options.json ? `${JSON.stringify(jsonOf(report, files))}\n` : migrationSummary(report, terminal.paint),
  )
  if (!options.json) for (const file of files) terminal.say(`report: ${file}`)
  if (report.counts.compared === 0) terminal.warn('nothing was compared')
  return options.strict && !report.gate.passed ? 1 : 0
}

function comparatorsOf(options: ComparingOptions, ask: AskJudge, embed: Embed): readonly Comparator[] {
  return usage('--compare', () =>
    createComparators(options.compare, {
      ask,
      embed,
      fuzzyThreshold: options.fuzzyThreshold,
      embeddingThreshold: options.embeddingThreshold,
      embeddingModel: options.embeddingModel,
      judgeModel: options.judgeModel,
      ...(options.judgeModel2 !== undefined && { secondJudgeModel: options.judgeModel2 }),
    }),
  )
}

function minPassOf(
  { minPass = new Map() }: ComparingOptions,
  comparators: readonly Comparator[],
): ReadonlyMap<string, number> {
  const names = comparators.map(({ name }) => name)
  const unknown = [...minPass.keys()].find((name) => !names.includes(name))
  if (unknown === undefined) return minPass
  return fail(`--min-pass ${unknown}: this run compares by ${names.join(', ')}`)
}

function jsonOf(report: MigrationReport, files: readonly string[]): object {
  const { target, baselineModels, samples, counts, gate, summary, categories, totals, warnings } = report
  return {
    target: target.model,
    baselines: baselineModels,
    samples,
    counts,
    gate: { passed: gate.passed, detail: gate.detail },
    summary: summary.map(({ comparator, compared, passed, errors, passRate, meanScore }) => ({
      comparator,
      compared,
      passed,
      errors,
      pass_rate: passRate?.value ?? null,
      interval: passRate && [passRate.low, passRate.high],
      mean_score: meanScore,
    })),
    categories: categories.map(({ category, prompts, summary: of }) => ({
      category,
      prompts,
      pass_rates: Object.fromEntries(
        of.map(({ comparator, passRate }) => [comparator, passRate?.value ?? null]),
      ),
    })),
    totals: totals.map(({ metric, pricing, baseline, target: after, ratio }) => ({
      metric: metric.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      ...(pricing !== null && { pricing }),
      baseline,
      target: after,
      ratio,
    })),
    warnings,
    files,
  }
}
