import { createSseReader } from '@agent-stream/protocol'
import { AgentStreamRecorder, type RecorderStats } from '@agent-stream/server'
import type { Command } from 'commander'

import { countText, durationText } from '../duration-text.ts'
import { addRequestOptions } from '../request-options.ts'
import { createSessionMeter, type SessionFigures, type SessionMeter } from '../session-figures.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { openStream, publicAddress, type StreamRequest } from '../stream-request.ts'
import { reasonOf } from '../system-error.ts'
import { parsedData } from '../wire-data.ts'

const HELP = `
The session is added at the end of the file. Secrets that are known by their form (keys, tokens, passwords in
addresses) are redacted before they are written; the request is not written at all.

Examples:
  agent-stream record https://example.org/chat --data '{"message": "hi"}' --out rec.jsonl
  agent-stream record http://localhost:3000/stream --out rec.jsonl && agent-stream replay rec.jsonl

Exit codes: 0 recorded, 1 the connection failed, or something could not be written. Ctrl-C ends the session as aborted.`

interface RecordOptions extends StreamRequest {
  readonly out: string
  readonly scrub: boolean
  readonly json?: boolean
}

export function recordCommand(command: Command): Command {
  return addRequestOptions(
    command
      .summary('record a live stream')
      .description('Reads a live event stream and writes it into a recording.'),
  )
    .requiredOption('--out <file>', 'the recording, which is made if need be')
    .option('--no-scrub', 'write secrets as they are')
    .option('--json', 'say what was recorded as one JSON object')
    .addHelpText('after', HELP)
}

export async function record(url: string, options: RecordOptions, shell: Shell): Promise<ExitCode> {
  const { terminal } = shell
  const interrupted = shell.interrupted()
  const { body, headers } = await connect(url, options, interrupted)
  const recorder = new AgentStreamRecorder(options.out, {
    ...(!options.scrub && { scrub: false }),
    onError: (error) => terminal.warn(`${options.out}: ${reasonOf(error)}`),
  })
  const requestId = headers.get('x-request-id')
  const metadata = { url: publicAddress(url), ...(requestId !== null && { request_id: requestId }) }
  const reader = recorder.record(body, { metadata }).getReader()
  interrupted.addEventListener('abort', () => void reader.cancel(), { once: true })
  const { meter, failure } = await readToEnd(reader, shell)
  await recorder.close()
  if (failure !== undefined)
    terminal.warn(`${publicAddress(url)}: the connection broke (${reasonOf(failure)})`)
  const end = failure !== undefined ? 'error' : interrupted.aborted ? 'aborted' : 'complete'
  await report(meter.finish(end), recorder.stats, options, shell)
  return failure === undefined && recorder.stats.dropped === 0 ? 0 : 1
}

/** What the stream showed, and what broke it. */
async function readToEnd(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { clock, terminal }: Shell,
): Promise<{ readonly meter: SessionMeter; readonly failure: unknown }> {
  const startedAt = clock.now()
  const meter = createSessionMeter({ id: '', startedAt: '', version: 2, metadata: {} })
  let count = 0
  const messages = createSseReader({
    onMessage({ event = 'message', data }) {
      count++
      meter.event({ t: (clock.now() - startedAt) / 1000, event, data: parsedData(data) })
    },
  })
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      messages.feed(next.value)
      terminal.draw(`${countText(count)} events  ${durationText(clock.now() - startedAt)}`)
    }
    return { meter, failure: undefined }
  } catch (error) {
    return { meter, failure: (error as Error).cause ?? error }
  }
}

/** Ctrl-C ends the request only until it is answered: after that, the recording would end as one that broke. */
async function connect(url: string, options: RecordOptions, interrupted: AbortSignal) {
  const connecting = new AbortController()
  const giveUp = () => connecting.abort()
  interrupted.addEventListener('abort', giveUp)
  try {
    return await openStream(url, options, connecting.signal)
  } finally {
    interrupted.removeEventListener('abort', giveUp)
  }
}

async function report(
  figures: SessionFigures,
  { written, dropped }: RecorderStats,
  { out, json }: RecordOptions,
  { terminal }: Shell,
): Promise<void> {
  const { state, end, durationMs } = figures
  if (json) {
    const said = { file: out, end, outcome: state.outcome, events: written, dropped, duration_ms: durationMs }
    await terminal.print(`${JSON.stringify(said)}\n`)
    return
  }
  const lost = dropped > 0 ? `, ${countText(dropped)} could not be written` : ''
  terminal.say(`${out}: ${countText(written)} events in ${durationText(durationMs)}${lost}; ${state.outcome}`)
}
