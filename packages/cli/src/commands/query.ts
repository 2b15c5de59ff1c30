import type { Command } from 'commander'

import { countText, durationText } from '../duration-text.ts'
import { lateEventsText } from '../late-events.ts'
import { integerFrom } from '../number-argument.ts'
import { createOpenSessions } from '../open-sessions.ts'
import { readRecordings } from '../read-recordings.ts'
import { createSessionMeter } from '../session-figures.ts'
import { SESSION_FIELDS, type SessionRow, sessionRow } from '../session-row.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { printable } from '../terminal.ts'
import { parseWhere } from '../where.ts'

const HELP = `
Fields:
${Object.entries(SESSION_FIELDS)
  .map(([name, meaning]) => `  ${name.padEnd(17)} ${meaning}`)
  .join('\n')}

A condition compares fields by = != < <= > >=, or by ~ and !~ (contains, or matches /a pattern/i), and joins
comparisons by and, or, not and parentheses. A field alone asks whether there is something. A list is compared
by any of its items. 300ms, 2s, 5min and 1h are milliseconds.

Examples:
  agent-stream query recordings/ --where 'outcome = failed and ttft_ms > 2s'
  agent-stream query recordings/ --where 'hung_tools = search or tool_ms.search > 10s'
  agent-stream query recordings/ --where 'text ~ refund and not error_type' --json`

interface QueryOptions {
  readonly where?: string
  readonly limit?: number
  readonly json?: boolean
}

export function queryCommand(command: Command): Command {
  return command
    .summary('find sessions among many')
    .description('Finds the sessions for which a condition holds, and prints a line for each as it is found.')
    .argument('<files...>', 'recordings, folders of recordings, or run logs')
    .option('--where <condition>', 'which sessions; without it, all')
    .option('--limit <n>', 'stop after so many', integerFrom(1, Infinity, '10'))
    .option('--json', 'one JSON object a session')
    .addHelpText('after', HELP)
}

export async function query(
  files: readonly string[],
  { where, limit = Infinity, json }: QueryOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  const holds = where === undefined ? () => true : parseWhere(where, Object.keys(SESSION_FIELDS))
  let found: SessionRow[] = []
  let count = 0
  const sessions = createOpenSessions((info, file) => {
    const meter = createSessionMeter(info)
    return {
      event: meter.event,
      finish(end) {
        const row = sessionRow(meter.finish(end), file)
        if (!holds(row) || count >= limit) return
        found.push(row)
        count++
      },
    }
  })
  const print = async () => {
    const rows = found
    found = []
    for (const row of rows) await terminal.print(json ? jsonLine(row) : textLine(row))
  }

  const note = () => `${countText(count)} of ${countText(sessions.count)} sessions`
  const reading = readRecordings(files, terminal, note)
  for await (const batch of reading.batches) {
    sessions.take(batch)
    await print()
    if (count >= limit) break
  }
  sessions.finish()
  await print()
  if (sessions.lateEvents > 0) terminal.warn(lateEventsText(sessions))
  return reading.hasFailed() || sessions.lateEvents > 0 ? 1 : 0
}

function jsonLine({ text: _, ...row }: SessionRow): string {
  return `${JSON.stringify(row)}\n`
}

/** Columns that a next command can cut: they are found before the last of them is known. */
function textLine({ session, started_at, outcome, duration_ms, event_count, ...row }: SessionRow): string {
  const detail = [row.error_type, ...(row.hung_tools as string[]).map((name) => `${name} hung`)]
  const cells = [
    session.padEnd(36),
    String(started_at).slice(0, 19).padEnd(19),
    outcome.padEnd(14),
    durationText(duration_ms as number).padStart(8),
    `${countText(event_count as number)} events`.padStart(13),
    detail.filter(Boolean).join(', '),
  ]
  return `${printable(cells.join('  ')).trimEnd()}\n`
}
