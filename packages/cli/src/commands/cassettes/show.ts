import {
  type Cassette,
  conversationOf,
  DecodeError,
  decodeExchange,
  parseRefName,
  promptText,
  renderResponse,
  UnsupportedRequestError,
} from '@agent-stream/cassette'
import type { Command } from 'commander'

import { openCassettes } from '../../cassette-folder.ts'
import { cassetteRow } from '../../cassette-row.ts'
import { durationText } from '../../duration-text.ts'
import { CommandFailure } from '../../failure.ts'
import type { ExitCode, Shell } from '../../shell.ts'
import { printable } from '../../terminal.ts'

export function showCommand(command: Command): Command {
  return command
    .summary('show one recorded call: what was asked, what was answered, when')
    .description('Shows a cassette: the question, the answer in words, and when each chunk came.')
    .argument('<folder>', 'a folder of cassettes')
    .argument('<cassette>', 'its name, as "list" shows it')
    .option('--json', 'as one JSON object')
}

export async function showCassette(
  folder: string,
  name: string,
  { json }: { readonly json?: boolean },
  { terminal }: Shell,
): Promise<ExitCode> {
  const store = await openCassettes(folder)
  const cassette = await store.read(parseRefName(name)).catch((error: Error) => {
    throw new CommandFailure(error.message)
  })
  if (!cassette) throw new CommandFailure(`${folder} has no cassette ${name}; "list" shows which there are`)
  const shown = await shownCassette(cassette)
  await terminal.print(json ? `${JSON.stringify(shown)}\n` : textOf(shown, terminal.columns))
  return 0
}

async function shownCassette(cassette: Cassette) {
  const { exchange } = cassette
  return {
    ...(await cassetteRow(cassette)),
    request: { method: exchange.request.method, url: exchange.request.url },
    prompt: inWords(() => promptText(conversationOf(exchange.request))),
    answer: inWords(() => renderResponse(decodeExchange(exchange))),
    chunk_times_ms: exchange.chunks.map(({ atMs }) => atMs),
    chunk_bytes: exchange.chunks.map(({ bytes }) => bytes.length),
    metadata: cassette.metadata,
  }
}

/** Where that is known: not every request asks a model, and not every answer is one. */
function inWords(read: () => string): { readonly text: string } | { readonly reason: string } {
  try {
    return { text: read() }
  } catch (error) {
    if (error instanceof UnsupportedRequestError || error instanceof DecodeError)
      return { reason: error.message }
    throw error
  }
}

type Shown = Awaited<ReturnType<typeof shownCassette>>

function textOf(shown: Shown, columns: number): string {
  const words = (part: Shown['prompt']) => ('text' in part ? part.text : `(${part.reason})`)
  const lines = (text: string) => text.split('\n').map((line) => `  ${printable(line)}`)
  return `${[
    printable(`${shown.request.method} ${shown.request.url} → ${shown.status ?? 'no answer'}, ${shown.end}`),
    printable(
      `${shown.recorded_at}  first chunk ${durationText(shown.first_chunk_ms)}  took ${durationText(shown.duration_ms)}`,
    ),
    '',
    'ASKED',
    ...lines(words(shown.prompt)),
    '',
    'ANSWERED',
    ...lines(words(shown.answer)),
    '',
    `CHUNKS (${shown.chunks})`,
    `  ${timeline(shown.chunk_times_ms, shown.duration_ms, Math.max(20, columns - 4))}`,
  ].join('\n')}\n`
}

const LEVELS = ' ▁▂▃▄▅▆▇█'

/** How many chunks came when, from the request to the end. */
function timeline(timesMs: readonly number[], totalMs: number, columns: number): string {
  const counts = new Array<number>(columns).fill(0)
  for (const atMs of timesMs) {
    const column = Math.min(columns - 1, Math.floor((atMs / Math.max(totalMs, 1)) * columns))
    counts[column] = (counts[column] as number) + 1
  }
  const most = Math.max(1, ...counts)
  return counts
    .map((count) => LEVELS[Math.ceil((count / most) * (LEVELS.length - 1))])
    .join('')
    .trimEnd()
}
