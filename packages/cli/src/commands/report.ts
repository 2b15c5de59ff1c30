import { askJudge, embedTexts, recordedAnswers, recordedCalls } from '@agent-stream/cassette/migration'
import type { Command } from 'commander'

import { compareCorpus, openRun } from '../comparing-run.ts'
import { addComparingOptions, type ComparingOptions } from '../migration-options.ts'
import type { ExitCode, Shell } from '../shell.ts'

/** Those that need no other model. */
const OFFLINE = 'exact,fuzzy,json,toolcalls'

const HELP = `
Nothing is asked: answers, and what judges and embeddings said, are those that "agent-stream migrate" has left in the
corpus. "--compare all" are the comparators that need no model.

Examples:
  agent-stream report --target claude-haiku-4-5 --compare exact,fuzzy,toolcalls
  agent-stream report --target claude-haiku-4-5 --format md --out report && cat report.md >> "$GITHUB_STEP_SUMMARY"

Exit codes: 0 done, 1 the gate was not passed (--strict), 2 the command was used wrongly.`

export function reportCommand(command: Command): Command {
  return addComparingOptions(
    command
      .summary('compare answers that are in a corpus already')
      .description("Compares a target's recorded answers with the baseline's, offline, and writes a report."),
  ).addHelpText('after', HELP)
}

export async function reportCorpus(options: ComparingOptions, shell: Shell): Promise<ExitCode> {
  const run = await openRun(options)
  const calls = recordedCalls(run.store)
  const isAll = options.compare.trim().toLowerCase() === 'all'
  return compareCorpus(run, isAll ? { ...options, compare: OFFLINE } : options, shell, {
    answers: recordedAnswers(run.store, options.target),
    ask: askJudge(calls, { apiKey: () => undefined }),
    embed: embedTexts(calls, { apiKey: () => undefined }),
  })
}
