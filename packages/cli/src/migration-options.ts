import { type Command, InvalidArgumentError, Option } from 'commander'

import { REPORT_FORMATS, type ReportFormat } from './migration-files.ts'
import { integerFrom, numberFrom } from './number-argument.ts'

/** Options of the commands that compare a corpus with a target. */
export interface ComparingOptions {
  readonly corpus: string
  readonly target: string
  readonly targetProvider?: string
  readonly compare: string
  readonly judgeModel: string
  readonly judgeModel2?: string
  readonly embeddingModel: string
  readonly fuzzyThreshold: number
  readonly embeddingThreshold: number
  readonly filter?: string
  readonly limit?: number
  readonly samples: number
  readonly maxTokens: number
  readonly concurrency: number
  readonly format: ReportFormat
  readonly out?: string
  readonly outDir: string
  readonly maxDetailRows: number
  readonly strict?: boolean
  readonly minPass?: ReadonlyMap<string, number>
  readonly pricing?: readonly string[]
  readonly pricingDir?: readonly string[]
  readonly pricingAsOf: string
  readonly json?: boolean
}

/** What both `migrate` and `report` understand. Environment: `AGENTREC_JUDGE_MODEL`, `_1` and `_2`. */
export function addComparingOptions(command: Command): Command {
  const { env } = process
  const judge = env.AGENTREC_JUDGE_MODEL_1 || env.AGENTREC_JUDGE_MODEL || 'claude-opus-4-8'
  const second = env.AGENTREC_JUDGE_MODEL_2 || undefined
  return command
    .option('--corpus <folder>', 'the folder of cassettes', 'corpus')
    .requiredOption('--target <model>', 'the model that is to take the place of the recorded one')
    .option('--target-provider <name>', 'whose API it has, where its name does not tell')
    .option(
      '--compare <list>',
      'exact, fuzzy, json[:field,…], toolcalls, embedding, judge; or all',
      'exact,fuzzy',
    )
    .option('--judge-model <model>', 'the model that judges', judge)
    .addOption(new Option('--judge-model-2 <model>', 'a second judge, which has to agree').default(second))
    .option('--embedding-model <model>', 'the model for embedding', 'text-embedding-3-small')
    .option('--fuzzy-threshold <share>', 'the least similarity that passes', shareFrom, 0.8)
    .option('--embedding-threshold <share>', 'the least cosine that passes', shareFrom, 0.8)
    .option('--filter <text>', 'only cassettes whose id contains it')
    .option('--limit <n>', 'at most so many prompts', integerFrom(1, Infinity, '20'))
    .option(
      '--max-tokens <n>',
      'the longest answer where the prompt says nothing',
      integerFrom(1, Infinity, '4096'),
      4096,
    )
    .option('--concurrency <n>', 'prompts that are asked at the same time', integerFrom(1, 1000, '8'), 8)
    .option('--samples <n>', 'answers of the target to each prompt', integerFrom(1, 100, '3'), 1)
    .addOption(
      new Option('--format <format>', 'files to write; both is md and html')
        .choices(REPORT_FORMATS)
        .default('both'),
    )
    .option('--out <name>', "the files' name, without extension")
    .option('--out-dir <folder>', 'where files go that have no name', 'reports')
    .option(
      '--max-detail-rows <n>',
      'prompts shown with their answers; 0: all',
      integerFrom(0, Infinity, '50'),
      25,
    )
    .option('--strict', 'exit with 1 unless the gate is passed')
    .option('--min-pass <comparator=rate>', 'what the gate goes by (more than once if need be)', minPass)
    .option(
      '--pricing <profiles>',
      'prices to count by: a, b, or a+b for both (more than once if need be)',
      list,
    )
    .option('--pricing-dir <folder>', 'a folder of further prices (more than once if need be)', list)
    .option('--pricing-as-of <when>', 'latest, recorded, or a date', 'latest')
    .option('--json', 'say what it came to as one JSON object')
}

export function list(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((part) => part.trim())].filter((part) => part !== '')
}

function shareFrom(text: string): number {
  const value = numberFrom(0, '0.8')(text)
  if (value <= 1) return value
  throw new InvalidArgumentError(`Expected a number from 0 to 1, like 0.8; got "${text}".`)
}

/** The names of comparators may have colons, commas and equals signs in them. */
function minPass(text: string, before: ReadonlyMap<string, number> = new Map()): ReadonlyMap<string, number> {
  const [, comparator = '', rate = ''] = /^(.+)=([^=]+)$/.exec(text) ?? []
  if (comparator === '')
    throw new InvalidArgumentError(`Expected COMPARATOR=RATE, like fuzzy=0.9; got "${text}".`)
  return new Map([...before, [comparator.trim(), shareFrom(rate)]])
}
