import { once } from 'node:events'

import type { RecordedSession } from '@agent-stream/protocol'
import type { Fault } from '@agent-stream/test-harness'
import type { Command } from 'commander'

import { CommandFailure } from '../failure.ts'
import { FAULT_HELP, faultArgument } from '../fault-argument.ts'
import { listen } from '../listen.ts'
import { integerFrom, numberFrom } from '../number-argument.ts'
import type { PaceOptions } from '../pace.ts'
import { pickSession } from '../pick-session.ts'
import { play } from '../play.ts'
import { readRecordings } from '../read-recordings.ts'
import { createReplayServer } from '../replay-server.ts'
import { servedSession } from '../served-session.ts'
import { createSessionLister, type ListedSession } from '../session-list.ts'
import { addSessionOptions, choiceOf, type SessionOptions } from '../session-options.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { table } from '../table.ts'

interface ReplayOptions extends SessionOptions {
  readonly list?: boolean
  readonly json?: boolean
  readonly grep?: readonly string[]
  readonly speed: number
  readonly maxGap?: number
  readonly serve?: number
  readonly fault?: readonly Fault[]
}

const EXAMPLES = `
Examples:
  agent-stream replay rec.jsonl                      the last session, as fast as it was
  agent-stream replay rec.jsonl --list               what is in the file
  agent-stream replay rec.jsonl --index 2 --speed 0  the second session, at once
  agent-stream replay rec.jsonl --grep error         its errors only
  agent-stream replay rec.jsonl --serve 4000         for a front end under development

Where a folder stands for FILE, all .jsonl files below it are read; "-" is stdin.`

export function replayCommand(command: Command): Command {
  return addSessionOptions(
    command
      .summary('play a recorded session again')
      .description(
        'Writes a recorded session to stdout as Server-Sent Events, in its own time, or serves it.',
      )
      .argument('<file>', 'a recording, a folder of recordings, or a run log')
      .option('--list', 'show what sessions there are, and play none')
      .option('--json', 'with --list: one JSON object a session'),
  )
    .option('--speed <n>', 'so many times faster than recorded; 0: at once', numberFrom(0, '1 or 0.5'), 1)
    .option('--max-gap <s>', 'no pause longer than this, in seconds', numberFrom(0, '2'))
    .option('--grep <event>', 'only events of these names (with --list: sessions that have one)', names)
    .option('--serve <port>', 'serve the session on 127.0.0.1 instead', integerFrom(0, 65_535, '4000'))
    .option('--fault <fault>', 'with --serve: what goes wrong on the way (see below)', faultArgument)
    .addHelpText('after', FAULT_HELP + EXAMPLES)
}

/** `token,error` */
function names(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}

export async function replay(file: string, options: ReplayOptions, shell: Shell): Promise<ExitCode> {
  if (options.list) return list(file, options, shell)
  if (options.json) throw new CommandFailure('--json needs --list: a session is played as it was sent', 2)
  if (options.fault && options.serve === undefined)
    throw new CommandFailure('--fault needs --serve: on stdout nothing is on the way', 2)
  const reading = readRecordings([file], shell.terminal)
  const picked = await pickSession(reading, choiceOf(options), file)
  if (!picked) return 1
  const session = withEvents(picked, options.grep)
  const pace: PaceOptions = { speed: options.speed, maxGapSeconds: options.maxGap ?? Infinity }
  if (options.serve !== undefined)
    await serve(servedSession(session, pace), options.serve, options.fault ?? [], shell)
  else
    for await (const frame of play(session.events, { ...pace, clock: shell.clock }))
      await shell.terminal.print(frame)
  return reading.hasFailed() ? 1 : 0
}

function withEvents(session: RecordedSession, grep: readonly string[] | undefined): RecordedSession {
  if (!grep) return session
  return { ...session, events: session.events.filter(({ event }) => grep.includes(event)) }
}

async function list(file: string, { grep, json }: ReplayOptions, { terminal }: Shell): Promise<ExitCode> {
  const lister = createSessionLister(grep ? new Set(grep) : null)
  const reading = readRecordings([file], terminal)
  for await (const batch of reading.batches) lister.take(batch)
  const sessions = lister.list()
  if (json) for (const session of sessions) await terminal.print(`${JSON.stringify(jsonOf(session))}\n`)
  else if (sessions.length > 0) await terminal.print(sessionTable(sessions))
  return reading.hasFailed() ? 1 : 0
}

function jsonOf({ id, startedAt, eventCount, durationSeconds, types, file }: ListedSession): object {
  const durationMs = Math.round(durationSeconds * 1000)
  return { session: id, started_at: startedAt, events: eventCount, duration_ms: durationMs, types, file }
}

function sessionTable(sessions: readonly ListedSession[]): string {
  return table(
    [
      { title: 'SESSION' },
      { title: 'STARTED' },
      { title: 'EVENTS', align: 'right' },
      { title: 'DURATION', align: 'right' },
      { title: 'TYPES' },
    ],
    sessions.map(({ id, startedAt, eventCount, durationSeconds, types }) => [
      id,
      startedAt.slice(0, 19),
      String(eventCount),
      `${durationSeconds.toFixed(1)}s`,
      types.join(', '),
    ]),
  )
}

async function serve(
  session: RecordedSession,
  port: number,
  faults: readonly Fault[],
  { clock, terminal, interrupted }: Shell,
): Promise<void> {
  const stopped = interrupted()
  const server = createReplayServer(session, faults, clock)
  const actualPort = await listen(server, port)
  const what = `session ${session.id}, ${session.events.length} events`
  terminal.say(`serving ${what} on http://127.0.0.1:${actualPort}/ (Ctrl-C stops)`)
  if (!stopped.aborted) await once(stopped, 'abort')
  server.close()
  server.closeAllConnections()
}
