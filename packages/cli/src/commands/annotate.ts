import { readFile } from 'node:fs/promises'

import { annotateCorpus, type CategoryRule } from '@agent-stream/cassette/migration'
import { type Command, InvalidArgumentError } from 'commander'
import { openCassettes } from '../cassette-folder.ts'
import { categoriesInCsv } from '../category-csv.ts'
import { countText } from '../duration-text.ts'
import { CommandFailure } from '../failure.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { reasonOf } from '../system-error.ts'
import { table } from '../table.ts'

const HELP = `
A rule gives its category to the prompts that match its pattern, a regular expression (upper and lower case are the
same); the first rule that matches counts. A CSV file has the columns "id" and "category". Recordings that have a
category keep it, unless --replace says otherwise. Semantic keys, models and providers are noted where they are missing.

Examples:
  agent-stream annotate --rule 'refunds=refund|money back' --rule 'orders=order \\d+'
  agent-stream annotate --csv categories.csv --replace --dry-run`

interface AnnotateOptions {
  readonly corpus: string
  readonly rule?: readonly CategoryRule[]
  readonly csv?: string
  readonly replace?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function annotateCommand(command: Command): Command {
  return command
    .summary('give the recordings of a corpus categories')
    .description('Notes categories in cassettes, by rules or from a CSV file, for the report.')
    .option('--corpus <folder>', 'the folder of cassettes', 'corpus')
    .option('--rule <category=pattern>', 'a rule (more than once if need be)', rule)
    .option('--csv <file>', 'categories by the ids of cassettes')
    .option('--replace', 'also where there is a category')
    .option('--dry-run', 'write nothing')
    .option('--json', 'say what was noted as one JSON object')
    .addHelpText('after', HELP)
}

function rule(text: string, before: readonly CategoryRule[] = []): readonly CategoryRule[] {
  const [, category = '', pattern = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (category.trim() === '') throw new InvalidArgumentError(`Expected CATEGORY=PATTERN; got "${text}".`)
  try {
    return [...before, { category: category.trim(), pattern: new RegExp(pattern, 'iu') }]
  } catch (error) {
    throw new InvalidArgumentError(`"${pattern}" is no regular expression: ${(error as Error).message}.`)
  }
}

export async function annotate(options: AnnotateOptions, { terminal }: Shell): Promise<ExitCode> {
  const { corpus, csv, replace = false, dryRun = false, json } = options
  const store = await openCassettes(corpus)
  const byId = csv === undefined ? new Map<string, string>() : categoriesInCsv(await readCsv(csv), csv)
  const result = await annotateCorpus(store, {
    rules: options.rule ?? [],
    byId,
    replaces: replace,
    isDryRun: dryRun,
    onProgress: (count) => terminal.draw(`${countText(count)} cassettes`),
  })
  terminal.draw('')
  for (const { message } of result.problems) terminal.warn(`passed over: ${message}`)
  for (const id of result.unknownIds) terminal.warn(`${csv}: there is no cassette ${id}`)
  const counts = Object.entries(result.categories).sort(([, a], [, b]) => b - a)
  await terminal.print(
    json
      ? `${JSON.stringify({ corpus, changed: result.changed, cassettes: result.cassettes, categories: result.categories, unknown_ids: result.unknownIds })}\n`
      : `${countText(result.changed)} of ${countText(result.cassettes)} cassettes ${dryRun ? 'would be ' : ''}changed\n${table(
          [{ title: 'CATEGORY' }, { title: 'CASSETTES', align: 'right' }],
          counts.map(([name, count]) => [name, countText(count)]),
        )}`,
  )
  return result.problems.length > 0 || result.unknownIds.length > 0 ? 1 : 0
}

async function readCsv(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw new CommandFailure(`${path}: ${reasonOf(error)}`, 2)
  })
}
