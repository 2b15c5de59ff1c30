import { semanticKey } from '../conversation/semantic-key.ts'
import type { Exchange } from '../exchange.ts'
import type { Cassette, CassetteRef, CassetteStore, StoreProblem } from '../store/cassette-store.ts'

/** How the ids of recordings begin that are no prompts of their own. */
export const MIGRATION_PREFIX = 'migration__'
export const JUDGE_PREFIX = 'judge__'
const DERIVED = [MIGRATION_PREFIX, JUDGE_PREFIX, 'partial__']

/** One prompt of a corpus, and the recording that is its baseline. */
export interface CorpusPrompt {
  readonly semanticKey: string
  /** The newest complete answer; where there is none, the newest of the others. */
  readonly baseline: CassetteRef
  /** Recordings of the same prompt that are not looked at. */
  readonly others: readonly CassetteRef[]
  readonly category: string | null
}

export interface Corpus {
  /** In the order of their baselines' ids. */
  readonly prompts: readonly CorpusPrompt[]
  /** What could not be read. */
  readonly problems: readonly StoreProblem[]
}

interface Recording {
  readonly ref: CassetteRef
  readonly startedAt: string
  readonly isAnswer: boolean
  readonly category: string | null
}

/**
 * Finds the prompts in a store: recordings of the same conversation, whatever model was asked, are one. Their keys are
 * computed anew. `filter`: only recordings whose id contains it.
 */
export async function readCorpus(store: CassetteStore, filter = ''): Promise<Corpus> {
  const groups = new Map<string, Recording[]>()
  const problems: StoreProblem[] = []
  for await (const entry of store.entries()) {
    if (entry.type === 'problem') problems.push(entry.problem)
    else if (isPrompt(entry.cassette, filter)) {
      const key = semanticKey(entry.cassette.exchange.request)
      const group = groups.get(key)
      if (group) group.push(recording(entry.cassette))
      else groups.set(key, [recording(entry.cassette)])
    }
  }
  const prompts = [...groups].map(([semanticKey, group]) => promptOf(semanticKey, group))
  prompts.sort((a, b) => (a.baseline.id < b.baseline.id ? -1 : 1))
  return { prompts, problems }
}

function isPrompt({ id }: Cassette, filter: string): boolean {
  return !DERIVED.some((prefix) => id.startsWith(prefix)) && id.includes(filter)
}

function recording({ id, occurrence, exchange, metadata }: Cassette): Recording {
  return {
    ref: { id, occurrence },
    startedAt: exchange.startedAt,
    isAnswer: isAnswer(exchange),
    category: typeof metadata.category === 'string' && metadata.category !== '' ? metadata.category : null,
  }
}

/** Whether an exchange is something that a model said. */
export function isAnswer({ response, end }: Exchange): boolean {
  return response?.status === 200 && end.type === 'complete'
}

function promptOf(semanticKey: string, group: readonly Recording[]): CorpusPrompt {
  const [newest, ...others] = [...group].sort(
    (a, b) =>
      Number(b.isAnswer) - Number(a.isAnswer) ||
      compare(b.startedAt, a.startedAt) ||
      compare(b.ref.id, a.ref.id) ||
      b.ref.occurrence - a.ref.occurrence,
  )
  const { ref, category } = newest as Recording
  return { semanticKey, baseline: ref, others: others.map((other) => other.ref), category }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
