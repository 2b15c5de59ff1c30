import { type AnswerPair, type Comparator, type Comparison, failedComparison } from './comparator.ts'
import { type Embed, embeddingComparator } from './embedding-comparator.ts'
import { jsonComparator } from './json-comparator.ts'
import { type AskJudge, judgeComparator } from './judge-comparator.ts'
import { exactComparator, fuzzyComparator } from './text-comparators.ts'
import { toolcallsComparator } from './toolcalls-comparator.ts'

export const COMPARATOR_NAMES = ['exact', 'fuzzy', 'json', 'toolcalls', 'embedding', 'judge'] as const

export interface ComparatorOptions {
  /** Default 0.8. */
  readonly fuzzyThreshold?: number
  /** Default 0.8. */
  readonly embeddingThreshold?: number
  /** Default `text-embedding-3-small`. */
  readonly embeddingModel?: string
  /** Default `claude-opus-4-8`. */
  readonly judgeModel?: string
  readonly secondJudgeModel?: string
  /** Default 1. */
  readonly judgeSamples?: number
  /** Default true. */
  readonly judgeSwaps?: boolean
  /** Required by `embedding`. */
  readonly embed?: Embed
  /** Required by `judge`. */
  readonly ask?: AskJudge
}

interface Entry {
  readonly base: (typeof COMPARATOR_NAMES)[number]
  /** Of `json:a,b`; undefined where no colon was given. */
  readonly fields: string[] | undefined
}

/**
 * The comparators of a spec: names with commas between them, or `all`. What follows `json:` and is no comparator's name
 * is a field: `exact,json:category,meta.source,fuzzy`. Throws `TypeError` for any other, and for options out of range.
 */
export function createComparators(spec: string, options: ComparatorOptions = {}): readonly Comparator[] {
  checkOptions(options)
  const entries = spec.trim().toLowerCase() === 'all' ? COMPARATOR_NAMES.map(plainEntry) : parseSpec(spec)
  const comparators = entries.map((entry) => createComparator(entry, options))
  return [...new Map(comparators.map((comparator) => [comparator.name, comparator])).values()]
}

function checkOptions({
  fuzzyThreshold = 0,
  embeddingThreshold = 0,
  judgeSamples = 1,
}: ComparatorOptions): void {
  for (const [name, threshold] of Object.entries({ fuzzyThreshold, embeddingThreshold })) {
    if (!(threshold >= 0 && threshold <= 1))
      throw new TypeError(`${name} is ${threshold}: give a number from 0 to 1`)
  }
  if (!Number.isInteger(judgeSamples) || judgeSamples < 1) {
    throw new TypeError(`judgeSamples is ${judgeSamples}: give a whole number from 1 on`)
  }
}

function plainEntry(base: Entry['base']): Entry {
  return { base, fields: undefined }
}

function parseSpec(spec: string): readonly Entry[] {
  const entries: Entry[] = []
  for (const token of spec.split(',').map((part) => part.trim())) {
    if (token === '') continue
    const [, word = '', colon, field = ''] = /^([^:]*)(:?)(.*)$/s.exec(token) ?? []
    const base = COMPARATOR_NAMES.find((name) => name === word.trim().toLowerCase())
    if (base === undefined) addField(entries, token)
    else if (colon && base !== 'json')
      throw new TypeError(`Comparator ${base} takes no fields: only json does`)
    else entries.push({ base, fields: colon ? [field.trim()].filter(Boolean) : undefined })
  }
  if (entries.length === 0) throw new TypeError(`No comparator in "${spec}": ${known()}`)
  if (entries.some(({ fields }) => fields?.length === 0)) {
    throw new TypeError('"json:" needs at least one field, as in json:category')
  }
  return entries
}

function addField(entries: readonly Entry[], token: string): void {
  const fields = entries.at(-1)?.fields
  if (!fields) throw new TypeError(`There is no comparator "${token}": ${known()}`)
  fields.push(token)
}

function known(): string {
  return `give some of ${COMPARATOR_NAMES.join(', ')}, or all`
}

function createComparator({ base, fields }: Entry, options: ComparatorOptions): Comparator {
  switch (base) {
    case 'exact':
      return exactComparator
    case 'fuzzy':
      return fuzzyComparator(options.fuzzyThreshold ?? 0.8)
    case 'json':
      return jsonComparator(fields)
    case 'toolcalls':
      return toolcallsComparator
    case 'embedding': {
      const {
        embed,
        embeddingModel: model = 'text-embedding-3-small',
        embeddingThreshold: threshold = 0.8,
      } = options
      if (!embed) throw new TypeError('Comparator embedding needs the option embed')
      return embeddingComparator({ embed, model, threshold })
    }
    case 'judge':
      return createJudge(options)
  }
}

function createJudge(options: ComparatorOptions): Comparator {
  const { ask, judgeModel: model = 'claude-opus-4-8', secondJudgeModel, judgeSamples, judgeSwaps } = options
  if (!ask) throw new TypeError('Comparator judge needs the option ask')
  return judgeComparator({
    ask,
    model,
    ...(secondJudgeModel !== undefined && { secondModel: secondJudgeModel }),
    ...(judgeSamples !== undefined && { samples: judgeSamples }),
    ...(judgeSwaps !== undefined && { swaps: judgeSwaps }),
  })
}

/** What each comparator finds, in their order. One that throws has failed for this pair, and no other has. */
export function compareAnswers(
  comparators: readonly Comparator[],
  pair: AnswerPair,
): Promise<readonly Comparison[]> {
  return Promise.all(
    comparators.map(async (comparator) => {
      try {
        return await comparator.compare(pair)
      } catch (error) {
        return failedComparison(comparator.name, error instanceof Error ? error.message : String(error))
      }
    }),
  )
}
