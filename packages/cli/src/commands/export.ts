import type { Command } from 'commander'
import { lateEventsText } from '../late-events.ts'
import { createOpenSessions } from '../open-sessions.ts'
import { readRecordings } from '../read-recordings.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { v1Event, v1Header } from '../v1-lines.ts'

const HELP = `
A session is written when it is whole. Its id, start and events are kept; numbers, checksums, how it ended and what
else its header says have no place in version 1.

Example:
  agent-stream export recordings/ --v1 > for-python.jsonl`

export function exportCommand(command: Command): Command {
  return command
    .summary('write sessions for other tools')
    .description('Writes sessions to stdout one after the other, as the original recorder does.')
    .argument('<files...>', 'recordings, folders of recordings, or run logs')
    .requiredOption('--v1', 'in format version 1, which the Python package reads')
    .addHelpText('after', HELP)
}

export async function exportSessions(
  files: readonly string[],
  _options: { readonly v1: true },
  { terminal }: Shell,
): Promise<ExitCode> {
  let whole: string[] = []
  const sessions = createOpenSessions((info) => {
    const lines = [v1Header(info)]
    return {
      event: (event) => lines.push(v1Event(event)),
      finish: () => whole.push(...lines.splice(0)),
    }
  })
  const print = async () => {
    const lines = whole
    whole = []
    if (lines.length > 0) await terminal.print(lines.join(''))
  }
  const reading = readRecordings(files, terminal)
  for await (const batch of reading.batches) {
    sessions.take(batch)
    await print()
  }
  sessions.finish()
  await print()
  if (sessions.lateEvents > 0) terminal.warn(lateEventsText(sessions))
  return reading.hasFailed() || sessions.lateEvents > 0 ? 1 : 0
}
