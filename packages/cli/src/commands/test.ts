import type { RecordedEvent, RecordedSession } from '@agent-stream/protocol'
import type { Fault } from '@agent-stream/test-harness'
import type { Command } from 'commander'

import { countText } from '../duration-text.ts'
import { FAULT_HELP, faultArgument } from '../fault-argument.ts'
import { lateEventsText } from '../late-events.ts'
import { createOpenSessions } from '../open-sessions.ts'
import { readRecordings } from '../read-recordings.ts'
import { STDIN } from '../recording-files.ts'
import { testSession, type Violation } from '../session-test.ts'
import type { ExitCode, Shell } from '../shell.ts'

const HELP = `
Each session is played to the real client on a clock of its own, where hours take no time. What must hold of any
run is checked: that it ends, that no tool runs after, that the text is the one of the tokens, that neither the
network's cuts nor the order of tools change how it ends. The state in which it ends is written beside the recording
(rec.expected.json) on the first run and compared after; --update writes it anew. In CI nothing is written. With
faults, those states are left alone.
${FAULT_HELP}

Examples:
  agent-stream test recordings/
  agent-stream test rec.jsonl --fault cut:5`

interface TestOptions {
  readonly update?: boolean
  readonly expected: boolean
  readonly fault?: readonly Fault[]
  readonly json?: boolean
}

export function testCommand(command: Command): Command {
  return command
    .summary('check recordings against the real client')
    .description('Checks what must hold of every session, and that it ends in the expected state.')
    .argument('<files...>', 'recordings, folders of recordings, or run logs')
    .option('--update', 'write the expected states anew')
    .option('--no-expected', 'leave expected states alone')
    .option('--fault <fault>', 'what goes wrong on the way (see below)', faultArgument)
    .option('--json', 'one JSON object a session')
    .addHelpText('after', HELP)
}

export async function testRecordings(
  files: readonly string[],
  options: TestOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  const mode = options.update ? 'all' : process.env.CI ? 'none' : 'new'
  const hasExpected = options.expected && !options.fault
  let waiting: { readonly session: RecordedSession; readonly file: string }[] = []
  const count = { passed: 0, failed: 0 }
  const sessions = createOpenSessions((info, file) => {
    const events: RecordedEvent[] = []
    return {
      event: (event) => events.push(event),
      finish: (end) => waiting.push({ session: { ...info, events, end }, file }),
    }
  })

  async function testWaiting(): Promise<void> {
    const now = waiting
    waiting = []
    for (const { session, file } of now) {
      const expected = hasExpected && file !== STDIN ? ({ recording: file, mode } as const) : null
      const violations = await testSession(session, { faults: options.fault ?? [] }, expected)
      if (violations.length === 0) count.passed++
      else count.failed++
      const text = options.json
        ? `${JSON.stringify({ file, session: session.id, passed: violations.length === 0, violations })}\n`
        : failureText(file, session, violations)
      if (text) await terminal.print(text)
    }
  }

  const note = () => `${countText(count.passed + count.failed)} sessions`
  const reading = readRecordings(files, terminal, note)
  for await (const batch of reading.batches) {
    sessions.take(batch)
    await testWaiting()
  }
  sessions.finish()
  await testWaiting()
  if (sessions.lateEvents > 0) terminal.warn(lateEventsText(sessions))
  if (!options.json) terminal.say(`${countText(count.passed)} passed, ${countText(count.failed)} failed`)
  return count.failed > 0 || reading.hasFailed() || sessions.lateEvents > 0 ? 1 : 0
}

function failureText(file: string, { id }: RecordedSession, violations: readonly Violation[]): string {
  if (violations.length === 0) return ''
  const lines = violations.map(({ of, message }) => `  it ${of}: ${message.replaceAll('\n', ' ')}`)
  return [`${file}, session ${id}`, ...lines, ''].join('\n')
}
