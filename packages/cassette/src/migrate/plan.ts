import type { CassetteStore, StoreProblem } from '../store/cassette-store.ts'
import { type Pricer, promptTokens } from './answer-of.ts'
import { readCorpus } from './corpus.ts'
import { readPrompt } from './prompt.ts'
import { recordedAnswers } from './target-answers.ts'
import { type TargetModel, targetRequest } from './target-request.ts'

export interface PlanOptions {
  readonly store: CassetteStore
  readonly target: TargetModel
  readonly filter?: string
  readonly limit?: number
  readonly samples?: number
  readonly pricer?: Pricer
  /** ISO 8601: the day whose prices count. */
  readonly at: string
}

/** What a migration would do. Judges and embeddings are not counted. */
export interface MigrationPlan {
  readonly prompts: number
  /** Answers that are in the corpus. */
  readonly cached: number
  /** Requests to the target. */
  readonly requests: number
  /** Prompts that cannot be asked, by reason. */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[]
  /** Of the requests, as long as the recorded prompts. */
  readonly inputTokens: number
  /** Of the requests, if answers are as long as the recorded ones. */
  readonly outputTokens: number
  /** What that costs; `null` where the target has no price. */
  readonly cost: { readonly amount: number; readonly currency: string } | null
  readonly problems: readonly StoreProblem[]
}

/** Finds out what would be asked, without asking. */
export async function planMigration(options: PlanOptions): Promise<MigrationPlan> {
  const { store, target, filter, limit = Infinity, samples = 1, pricer, at } = options
  const recorded = recordedAnswers(store, target.model)
  const corpus = await readCorpus(store, filter)
  const prompts = corpus.prompts.slice(0, limit)
  const skipped = new Map<string, number>()
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
  let [cached, requests, inputTokens, outputTokens, amount] = [0, 0, 0, 0, 0]
  let isPriced = pricer !== undefined
  for (const entry of prompts) {
    const baseline = await store.read(entry.baseline)
    const prompt = baseline && readPrompt(entry, baseline)
    if (prompt?.type !== 'prompt') {
      skip(prompt?.reason ?? 'its recording is no longer there')
      continue
    }
    for (let sample = 1; sample <= samples; sample++) {
      if ((await recorded(prompt, sample)).type === 'answer') {
        cached++
        continue
      }
      const request = targetRequest(prompt.conversation, target)
      if (request.type === 'skipped') {
        skip(request.reason)
        break
      }
      requests++
      const { usage } = prompt.answer
      inputTokens += (usage && promptTokens(usage)) ?? 0
      outputTokens += usage?.output ?? 0
      const cost = usage ? pricer?.cost(target.model, usage, at) : undefined
      amount += cost?.amount ?? 0
      if (usage && !cost) isPriced = false
    }
  }
  return {
    prompts: prompts.length,
    cached,
    requests,
    skipped: [...skipped].map(([reason, count]) => ({ reason, count })),
    inputTokens,
    outputTokens,
    cost: pricer && isPriced ? { amount, currency: pricer.note().currency } : null,
    problems: corpus.problems,
  }
}
