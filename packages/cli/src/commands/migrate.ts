import { createCassetteWriter, systemClock } from '@agent-stream/cassette'
import {
  askJudge,
  costBudget,
  embedTexts,
  type KeptCalls,
  type LiveCallOptions,
  liveAnswers,
  liveCalls,
  type MigrationPlan,
  MissingKeyError,
  moneyText,
  planMigration,
  providerForModel,
  RefusedKeyError,
  recordedCalls,
  type TargetModel,
} from '@agent-stream/cassette/migration'
import type { Command } from 'commander'

import { type ComparingRun, compareCorpus, openRun } from '../comparing-run.ts'
import { countText } from '../duration-text.ts'
import { CommandFailure } from '../failure.ts'
import { addComparingOptions, type ComparingOptions } from '../migration-options.ts'
import { integerFrom, numberFrom } from '../number-argument.ts'
import { stepLine } from '../progress.ts'
import type { ExitCode, Shell } from '../shell.ts'

const HELP = `
Every prompt of the corpus is asked of the target once. Its answers are kept in the corpus as cassettes, so that a
second run, or one that was interrupted, asks only for what is missing; so are the judges' verdicts. Recordings of
the same conversation are one prompt; the newest counts.

Keys come from the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or GOOGLE_API_KEY, MISTRAL_API_KEY.
They are never written.

Examples:
  agent-stream migrate --target claude-haiku-4-5 --dry-run
  agent-stream migrate --target claude-haiku-4-5 --compare exact,fuzzy,judge --strict --min-pass judge=0.95
  agent-stream migrate --target llama-4 --target-provider openai --target-url http://127.0.0.1:8080/v1

Exit codes: 0 done, 1 the gate was not passed (--strict) or nothing could be asked, 2 the command was used wrongly.`

interface MigrateOptions extends ComparingOptions {
  readonly targetUrl?: string
  readonly judgeUrl?: string
  readonly embeddingUrl?: string
  readonly retries: number
  readonly timeout: number
  readonly maxCost?: number
  readonly dryRun?: boolean
}

export function migrateCommand(command: Command): Command {
  return addComparingOptions(
    command
      .summary('ask another model what was recorded, and compare')
      .description(
        'Asks a target model every prompt of a corpus, compares the answers, and writes a report.',
      ),
  )
    .option('--target-url <url>', "instead of the target's own API, up to and including its version")
    .option('--judge-url <url>', "the same for the judges' API")
    .option('--embedding-url <url>', 'the same for embeddings')
    .option('--retries <n>', 'tries after one that failed', integerFrom(0, 20, '3'), 3)
    .option('--timeout <seconds>', 'how long a try may be silent', numberFrom(0.001, '120'), 120)
    .option('--max-cost <amount>', 'ask for nothing more once so much was spent', numberFrom(0, '5'))
    .option('--dry-run', 'say what would be asked, and what it would cost')
    .addHelpText('after', HELP)
}

export async function migrateCorpus(options: MigrateOptions, shell: Shell): Promise<ExitCode> {
  const run = await openRun(options)
  if (options.dryRun) return showPlan(run, options, shell)
  const signal = shell.interrupted()
  const ask = {
    store: run.store,
    writer: createCassetteWriter({ store: run.store, recordErrors: 'none', keepPartial: false }),
    fetch: globalThis.fetch,
    clock: systemClock,
    random: Math.random,
    retries: options.retries,
    timeoutMs: options.timeout * 1000,
    signal,
  }
  const target = targetOf(run, options)
  const [pricer] = run.pricing
  if (options.maxCost !== undefined && !pricer)
    throw new CommandFailure('--max-cost needs prices to count by', 2)
  const budget =
    options.maxCost !== undefined && pricer ? costBudget(options.maxCost, target.model, pricer) : undefined
  const calls = callsFor(run, options, ask, shell)
  const startedAt = performance.now()
  try {
    return await compareCorpus(run, options, shell, {
      answers: liveAnswers({ ...ask, target, ...(budget && { budget }) }),
      ask: askJudge(calls, { apiKey: run.apiKey, baseUrl: options.judgeUrl }),
      embed: embedTexts(calls, { apiKey: run.apiKey, baseUrl: options.embeddingUrl }),
      onProgress({ done, total, row }) {
        const seconds = (performance.now() - startedAt) / 1000
        shell.terminal.draw(stepLine(done, total, seconds, row.prompt.preview))
      },
    })
  } catch (error) {
    shell.terminal.draw('')
    if (signal.aborted)
      throw new CommandFailure('interrupted; the answers so far are kept, and the next run goes on')
    if (error instanceof MissingKeyError) throw new CommandFailure(error.message, 2)
    if (error instanceof RefusedKeyError) throw new CommandFailure(error.message)
    throw error
  }
}

/** The judge's key may be missing where all its verdicts are in the corpus. */
function callsFor(
  run: ComparingRun,
  options: MigrateOptions,
  ask: LiveCallOptions,
  { terminal }: Shell,
): KeptCalls {
  const isJudged = /\b(?:judge|all)\b/.test(options.compare)
  const judge = providerForModel(options.judgeModel)
  if (!isJudged || options.judgeUrl !== undefined || (judge && run.apiKey(judge))) return liveCalls(ask)
  terminal.warn(`no key for the judge ${options.judgeModel}: only verdicts that are in the corpus count`)
  return recordedCalls(ask.store)
}

function targetOf(run: ComparingRun, options: MigrateOptions): TargetModel {
  const apiKey = run.apiKey(run.provider)
  return {
    model: options.target,
    provider: run.provider,
    maxTokens: options.maxTokens,
    ...(apiKey !== undefined && { apiKey }),
    ...(options.targetUrl !== undefined && { baseUrl: options.targetUrl }),
  }
}

async function showPlan(run: ComparingRun, options: MigrateOptions, { terminal }: Shell): Promise<ExitCode> {
  const [pricer] = run.pricing
  const plan = await planMigration({
    store: run.store,
    target: targetOf(run, options),
    samples: options.samples,
    at: new Date().toISOString(),
    ...(pricer && { pricer }),
    ...(options.filter !== undefined && { filter: options.filter }),
    ...(options.limit !== undefined && { limit: options.limit }),
  })
  for (const { message } of plan.problems) terminal.warn(`passed over: ${message}`)
  await terminal.print(options.json ? `${JSON.stringify(jsonPlan(plan))}\n` : planText(plan, options))
  return 0
}

function planText(
  { prompts, cached, requests, skipped, inputTokens, outputTokens, cost }: MigrationPlan,
  options: MigrateOptions,
): string {
  const tokens = `about ${countText(inputTokens)} tokens in and ${countText(outputTokens)} out`
  const price = cost ? `, ${moneyText(cost.amount, cost.currency)}` : `; ${options.target} has no price`
  const lines = [
    `prompts: ${countText(prompts)}; answers in the corpus: ${countText(cached)}`,
    `requests to ${options.target}: ${countText(requests)}, ${tokens}${price}`,
    ...skipped.map(({ reason, count }) => `skipped: ${countText(count)}, ${reason}`),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function jsonPlan({
  prompts,
  cached,
  requests,
  skipped,
  inputTokens,
  outputTokens,
  cost,
}: MigrationPlan): object {
  return { prompts, cached, requests, skipped, input_tokens: inputTokens, output_tokens: outputTokens, cost }
}
