import type { RecordedSession } from '@agent-stream/protocol'
import type { Command } from 'commander'

import type { AlignedStep } from '../align-steps.ts'
import { diffReport } from '../diff-report.ts'
import { pickSession } from '../pick-session.ts'
import { readRecordings } from '../read-recordings.ts'
import { diffSessions } from '../session-diff.ts'
import type { SessionFigures } from '../session-figures.ts'
import { sessionReference } from '../session-reference.ts'
import { sessionRow } from '../session-row.ts'
import type { ExitCode, Shell } from '../shell.ts'

const HELP = `
A and B are files, or sessions of files: rec.jsonl is its last session, rec.jsonl#2 its second, rec.jsonl#<id> that one.

Marks: ~ changed  > moved  - only in A  + only in B. DELAY is how much more or less time than in A had passed since
the step before. Tokens in a row are one step. Ids, durations and counts of tokens may differ; tools whose ids differ
are paired by name and order.

Examples:
  agent-stream diff before.jsonl after.jsonl
  agent-stream diff rec.jsonl#1 rec.jsonl#2 --json

Exit codes: 0 the same steps in the same order, 1 different, or unreadable.`

export function diffCommand(command: Command): Command {
  return command
    .summary('compare two sessions')
    .description('Shows what differs between two sessions: order, content and timing of their steps.')
    .argument('<a>', 'a recording, or a session of one')
    .argument('<b>', 'another')
    .option('--all', 'show the steps that are the same, too')
    .option('--json', 'as one JSON object')
    .addHelpText('after', HELP)
}

export async function diff(
  a: string,
  b: string,
  { all = false, json }: { readonly all?: boolean; readonly json?: boolean },
  shell: Shell,
): Promise<ExitCode> {
  const [before, after] = [await read(a, shell), await read(b, shell)]
  if (!before.session || !after.session) return 1
  const result = diffSessions(before.session, after.session)
  const { isSame, steps } = result
  await shell.terminal.print(
    json
      ? `${JSON.stringify({ a: jsonOf(result.a, a), b: jsonOf(result.b, b), is_same: isSame, steps: steps.map(jsonStep) })}\n`
      : diffReport(result, all, shell.terminal.paint),
  )
  return isSame && before.isWhole && after.isWhole ? 0 : 1
}

interface ReadSession {
  readonly session: RecordedSession | undefined
  readonly isWhole: boolean
}

async function read(text: string, { terminal }: Shell): Promise<ReadSession> {
  const { file, choice } = sessionReference(text)
  const reading = readRecordings([file], terminal)
  const session = await pickSession(reading, choice, file)
  return { session, isWhole: !reading.hasFailed() }
}

function jsonOf(figures: SessionFigures, file: string): object {
  const { text, ...row } = sessionRow(figures, file)
  return { ...row, text_chars: (text as string).length }
}

function jsonStep({ change, a, b, delayMs, pace }: AlignedStep): object {
  return {
    step: (b ?? a)?.key,
    change,
    a_ms: a?.atMs ?? null,
    b_ms: b?.atMs ?? null,
    delay_ms: delayMs ?? null,
    pace: pace ?? null,
    ...(change !== 'same' && { a: a?.content ?? null, b: b?.content ?? null }),
  }
}
