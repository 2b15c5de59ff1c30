import { randomUUID } from 'node:crypto'

import {
  type Advice,
  type Arrivals,
  type BufferingVerdict,
  bufferingAdvice,
  createArrivalReader,
  histogram,
  judgeBuffering,
  TELLING_HEADERS,
} from '@agent-stream/protocol/buffering'
import type { Command } from 'commander'

import { countText, durationText } from '../duration-text.ts'
import { askGateway, type GatewayHops, guiltyHop } from '../gateway-hops.ts'
import { numberFrom } from '../number-argument.ts'
import { addRequestOptions } from '../request-options.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { openStream, type StreamRequest } from '../stream-request.ts'
import { printable, type Terminal } from '../terminal.ts'

const HELP = `
Examples:
  agent-stream doctor https://example.org/chat --data '{"message": "Tell me a story"}'
  agent-stream doctor http://localhost:3000/stream

Ask it of the public address and, if that is buffered, of the server itself: what is between them holds the stream back.
Where an agent-stream gateway is on the way, it is asked, and the side that holds the stream back is named.
The address http://gateway/health/probe tests the way to a gateway without a model.

Exit codes: 0 it streams, 1 it is buffered, cannot be told, or did not answer.`

interface DoctorOptions extends StreamRequest {
  readonly timeout: number
  readonly json?: boolean
}

interface Diagnosis extends BufferingVerdict {
  readonly arrivals: Arrivals
  readonly headersMs: number
  readonly headers: Headers
  readonly advice: readonly Advice[]
  /** Where there is a gateway on the way. */
  readonly gateway: GatewayHops | undefined
}

export function doctorCommand(command: Command): Command {
  return addRequestOptions(
    command
      .summary('is something buffering my stream?')
      .description(
        'Reads a live event stream and says whether something on the way holds it back, and what to change.',
      ),
  )
    .option('--timeout <s>', 'read for so long at most, in seconds', numberFrom(0.1, '30'), 30)
    .option('--json', 'as one JSON object')
    .addHelpText('after', HELP)
}

export async function doctor(url: string, options: DoctorOptions, shell: Shell): Promise<ExitCode> {
  const diagnosis = await examine(url, options, shell)
  const { terminal } = shell
  await terminal.print(
    options.json ? `${JSON.stringify(jsonOf(diagnosis))}\n` : reportOf(diagnosis, terminal),
  )
  return diagnosis.buffering === 'streams' ? 0 : 1
}

async function examine(
  url: string,
  options: DoctorOptions,
  { clock, interrupted }: Shell,
): Promise<Diagnosis> {
  const signal = AbortSignal.any([interrupted(), AbortSignal.timeout(options.timeout * 1000)])
  const startedAt = clock.now()
  const probe = randomUUID()
  const { headers, body } = await openStream(url, { ...options, probe }, signal)
  const headersMs = clock.now() - startedAt
  const reader = createArrivalReader()
  try {
    for await (const chunk of body) reader.take(chunk, clock.now() - startedAt)
  } catch (error) {
    // What came until then says as much.
    if (reader.arrivals().pieces.length === 0 && !signal.aborted) throw error
  }
  const arrivals = reader.arrivals()
  const verdict = judgeBuffering(arrivals)
  const advice = verdict.buffering === 'streams' ? [] : bufferingAdvice(headers)
  const gateway = await askGateway(url, probe, verdict)
  return { ...verdict, arrivals, headersMs, headers, advice, gateway }
}

const SAID = {
  streams: ['green', 'It streams'],
  buffered: ['red', 'It is buffered: something holds the whole stream back'],
  blocks: ['red', 'It comes in blocks: something holds parts of the stream back'],
  unclear: ['yellow', 'It cannot be told'],
} as const

const PARTS = 16
const BAR_CHARS = 40

function reportOf(diagnosis: Diagnosis, { paint }: Terminal): string {
  const { buffering, because, arrivals, headersMs, headers, advice } = diagnosis
  const { pieces, ttftMs } = arrivals
  const [color, verdict] = SAID[buffering]
  const seen = TELLING_HEADERS.filter((name) => headers.has(name)).map(
    (name) => `  ${name}: ${headers.get(name)}`,
  )
  const bytes = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const lines = [
    `${paint([color, 'bold'], verdict)}: ${because}.`,
    ...hopLines(diagnosis),
    '',
    `headers       ${durationText(headersMs)}`,
    `first byte    ${durationText(pieces[0]?.atMs)}`,
    `first token   ${durationText(ttftMs)}`,
    `end           ${durationText(pieces.at(-1)?.atMs)}`,
    `              ${countText(bytes)} bytes in ${countText(pieces.length)} pieces`,
    '',
    'Messages over time',
    ...histogramLines(arrivals),
    '',
    'Headers',
    ...seen.map(printable),
  ]
  if (buffering !== 'streams') {
    lines.push('', 'What may hold it back, and what to change')
    for (const { seen: what, change } of advice) lines.push(printable(`  ${what}: ${change}`))
    lines.push(
      '  in the server: it must send each event at once (flush), and not collect the answer in a middleware',
    )
  }
  return `${lines.join('\n')}\n`
}

/** Where a gateway on the way has seen the stream, too. */
function hopLines({ gateway, ...verdict }: Diagnosis): string[] {
  if (!gateway) return []
  const guilty = guiltyHop(verdict, gateway)
  const { buffering, because } = gateway.upstream
  return guilty
    ? [printable(`It is held back ${guilty}.`)]
    : [printable(`The gateway on the way, before ${gateway.target}: ${buffering} (${because}).`)]
}

function histogramLines({ pieces }: Arrivals): string[] {
  const parts = histogram(pieces, PARTS)
  const most = Math.max(1, ...parts.map(({ messages }) => messages))
  return parts.map(({ fromMs, messages }) => {
    const bar = '█'.repeat(Math.ceil((messages / most) * BAR_CHARS))
    return `  ${durationText(Math.round(fromMs)).padStart(8)}  ${bar}${messages > 0 ? ` ${messages}` : ''}`
  })
}

function jsonOf(diagnosis: Diagnosis): object {
  const { buffering, because, arrivals, headersMs, headers, advice, gateway } = diagnosis
  const { pieces, ttftMs, saidDurationMs } = arrivals
  const rounded = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms))
  return {
    buffering,
    because,
    headers_ms: rounded(headersMs),
    first_byte_ms: rounded(pieces[0]?.atMs),
    ttft_ms: rounded(ttftMs),
    end_ms: rounded(pieces.at(-1)?.atMs),
    said_duration_ms: saidDurationMs ?? null,
    messages: pieces.reduce((sum, { messages }) => sum + messages, 0),
    histogram: histogram(pieces, PARTS).map(({ fromMs, messages }) => ({
      from_ms: Math.round(fromMs),
      messages,
    })),
    headers: Object.fromEntries(
      TELLING_HEADERS.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)]] : [])),
    ),
    advice,
    gateway: gateway ?? null,
    held_back: (gateway && guiltyHop(diagnosis, gateway)) ?? null,
  }
}
