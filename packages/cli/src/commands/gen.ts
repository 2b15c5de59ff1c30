import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { parseRecording, type RecordedSession } from '@agent-stream/protocol'
import type { Command } from 'commander'

import { CommandFailure } from '../failure.ts'
import { fixtureName, fixtureTest, fixtureText } from '../fixture.ts'
import { pickSession } from '../pick-session.ts'
import { readRecordings } from '../read-recordings.ts'
import { addSessionOptions, choiceOf, type SessionOptions } from '../session-options.ts'
import { testSession } from '../session-test.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { reasonOf } from '../system-error.ts'

const HELP = `
Three files are written: the session as a recording of its own (<id>.jsonl), the state in which it ends
(<id>.expected.json), and a Vitest test (<id>.test.ts) that plays it to the real client. Look at the expected state:
if it is wrong, the test shows a bug that is still there.

Example:
  agent-stream gen production.jsonl --session 67e5a2a8-1c1e-4a6e-9a51-0f6f1d2c3b4a --out test/recordings`

interface GenOptions extends SessionOptions {
  readonly out: string
  readonly scrub: boolean
  readonly force?: boolean
  readonly json?: boolean
}

export function genCommand(command: Command): Command {
  return addSessionOptions(
    command
      .summary('make a regression test of a session')
      .description('Writes a recorded session as a fixture, with a Vitest test of it.')
      .argument('<file>', 'a recording, a folder of recordings, or a run log'),
  )
    .option('--out <folder>', 'where to', 'recordings')
    .option('--no-scrub', 'write secrets as they are')
    .option('--force', 'replace files that exist')
    .option('--json', 'say what was written as one JSON object')
    .addHelpText('after', HELP)
}

export async function gen(file: string, options: GenOptions, { terminal }: Shell): Promise<ExitCode> {
  const reading = readRecordings([file], terminal)
  const session = await pickSession(reading, choiceOf(options), file)
  if (!session) return 1
  const { out, force = false, scrub } = options
  const name = fixtureName(session.id)
  const recording = join(out, `${name}.jsonl`)
  const test = join(out, `${name}.test.ts`)
  const text = fixtureText(session, scrub)
  await mkdir(out, { recursive: true }).catch((error) => fail(out, error))
  await write(recording, text, force)
  await write(test, fixtureTest(`${name}.jsonl`, session), force)
  const violations = await testSession(readBack(text), {}, { recording, mode: 'all' })
  for (const { of, message } of violations)
    terminal.warn(`${recording}: it does not hold that it ${of}: ${message}`)
  const files = [recording, join(out, `${name}.expected.json`), test]
  await terminal.print(
    options.json
      ? `${JSON.stringify({ session: session.id, files })}\n`
      : files.map((path) => `${path}\n`).join(''),
  )
  return violations.length > 0 || reading.hasFailed() ? 1 : 0
}

/** What the test will read. */
function readBack(text: string): RecordedSession {
  return parseRecording(text).sessions[0] as RecordedSession
}

async function write(path: string, text: string, isForced: boolean): Promise<void> {
  await writeFile(path, text, { flag: isForced ? 'w' : 'wx' }).catch((error) => fail(path, error))
}

function fail(path: string, error: unknown): never {
  const reason = reasonOf(error)
  throw new CommandFailure(`${path}: ${reason}${reason === 'exists already' ? '; --force replaces it' : ''}`)
}
