import { idText } from '../key/id-text.ts'
import type { Cassette, CassetteStore } from '../store/cassette-store.ts'
import { isAnswer, MIGRATION_PREFIX } from './corpus.ts'
import type { Prompt } from './prompt.ts'

/** The answer of the target to one prompt, or why there is none. */
export type TargetResult =
  | {
      readonly type: 'answer'
      readonly cassette: Cassette
      readonly isCached: boolean
      readonly notes: readonly string[]
    }
  | { readonly type: 'skipped' | 'errored'; readonly reason: string }

/** Where the target's answers come from. `sample` counts from 1. */
export type TargetAnswers = (prompt: Prompt, sample: number) => Promise<TargetResult>

export function migrationId(baselineId: string, target: string): string {
  return `${MIGRATION_PREFIX}${baselineId}__to__${idText(target)}`
}

/** Answers that stand in the corpus. There is no way from here to the network. */
export function recordedAnswers(store: CassetteStore, target: string): TargetAnswers {
  return async ({ baseline }, sample) => {
    const cassette = await store.read({ id: migrationId(baseline.id, target), occurrence: sample })
    if (cassette && isAnswer(cassette.exchange))
      return { type: 'answer', cassette, isCached: true, notes: [] }
    const which = sample > 1 ? `its answer ${sample}` : 'its answer'
    return { type: 'skipped', reason: `${which} is not recorded; agent-stream migrate asks for it` }
  }
}
