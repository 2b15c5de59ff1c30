import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'

import { fileStore } from '@agent-stream/cassette'
import { IMPORT_SOURCES, type ImportSource, importExport } from '@agent-stream/cassette/migration'
import { type Command, Option } from 'commander'

import { countText } from '../duration-text.ts'
import { CommandFailure } from '../failure.ts'
import { STDIN } from '../recording-files.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { reasonOf } from '../system-error.ts'

const HELP = `
Exports are JSON or JSON lines: observations of Langfuse (its API, or its blob storage export), runs of LangSmith,
spans and log records of OpenTelemetry (OTLP JSON). They have no bytes of the original calls; the cassettes say so,
and answer as OpenAI's chat API, whoever answered. Secrets that are known by their form are redacted.

Examples:
  agent-stream import --input observations.jsonl --corpus corpus
  cat traces.json | agent-stream import --input - --source otel --category production

Exit codes: 0 imported, 1 nothing could be imported, 2 the command was used wrongly, or the export is of no known kind.`

interface ImportCommandOptions {
  readonly corpus: string
  readonly input: string
  readonly source: ImportSource | 'auto'
  readonly category?: string
  readonly json?: boolean
}

/** Reasons that are listed; the JSON has all. */
const MAX_REASONS = 10

export function importCommand(command: Command): Command {
  return command
    .summary('make a corpus of an export of Langfuse, LangSmith or OpenTelemetry')
    .description('Makes cassettes of the calls in an export of an observability system, for migrate.')
    .option('--corpus <folder>', 'the folder of cassettes, which is made if need be', 'corpus')
    .requiredOption('--input <file>', 'the export; - is stdin')
    .addOption(
      new Option('--source <system>', 'whose export it is')
        .choices(['auto', ...IMPORT_SOURCES])
        .default('auto'),
    )
    .option('--category <name>', 'for the calls that bring none')
    .option('--json', 'say what was imported as one JSON object')
    .addHelpText('after', HELP)
}

export async function importCalls(options: ImportCommandOptions, { terminal }: Shell): Promise<ExitCode> {
  const { corpus, input, source, category, json } = options
  const text = await readInput(input)
  const result = await importExport(text, {
    store: fileStore(corpus),
    ...(source !== 'auto' && { source }),
    ...(category !== undefined && { category }),
  }).catch((error) => {
    throw new CommandFailure(`${corpus}: ${reasonOf((error as Error).cause ?? error)}`)
  })
  const { imported, refused } = result
  if (result.source === undefined) {
    throw new CommandFailure(
      `${input}: no export of Langfuse, LangSmith or OpenTelemetry; if it is one, name it by --source`,
      2,
    )
  }
  if (json) {
    await terminal.print(`${JSON.stringify({ corpus, ...result })}\n`)
  } else {
    await terminal.print(
      `${corpus}: ${countText(imported.length)} imported from ${result.source}, ${countText(refused.length)} passed over\n`,
    )
    for (const { name, reason } of refused.slice(0, MAX_REASONS))
      terminal.warn(`${input}: ${name}: ${reason}`)
    const more = refused.length - MAX_REASONS
    if (more > 0) terminal.warn(`${input}: and ${countText(more)} more; --json lists all`)
  }
  return imported.length > 0 ? 0 : 1
}

async function readInput(input: string): Promise<string> {
  try {
    return input === STDIN ? await textOf(process.stdin) : await readFile(input, 'utf8')
  } catch (error) {
    throw new CommandFailure(`${input}: ${reasonOf(error)}`, 2)
  }
}
