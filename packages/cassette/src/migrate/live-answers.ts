import { createScrubber } from '@agent-stream/protocol/scrub'

import { SEMANTIC_KEY_VERSION } from '../conversation/semantic-key.ts'
import type { BuiltRequest } from '../providers/provider.ts'
import type { CassetteWriter } from '../record/cassette-writer.ts'
import type { CassetteStore } from '../store/cassette-store.ts'
import { requireKey } from './api-key.ts'
import { type AskOptions, askModel } from './ask-model.ts'
import { isAnswer } from './corpus.ts'
import type { Prompt } from './prompt.ts'
import { migrationId, recordedAnswers, type TargetAnswers, type TargetResult } from './target-answers.ts'
import { type TargetModel, targetRequest } from './target-request.ts'

export interface LiveOptions extends Omit<AskOptions, 'dialect'> {
  readonly store: CassetteStore
  readonly writer: CassetteWriter
  readonly target: TargetModel
  readonly budget?: Budget
}

/** What may still be spent. */
export interface Budget {
  /** A sentence on why nothing more is asked; undefined while something may be. */
  exhausted(): string | undefined
  spend(prompt: Prompt, result: Extract<TargetResult, { type: 'answer' }>): void
}

/** The API does not take the key: no other prompt would fare better. */
export class RefusedKeyError extends Error {
  override readonly name = 'RefusedKeyError'
}

/**
 * Answers of the corpus; those that it does not have are asked for, and kept in it. Rejects with `MissingKeyError` or
 * `RefusedKeyError` if they cannot be.
 */
export function liveAnswers(options: LiveOptions): TargetAnswers {
  const { store, target, budget } = options
  const recorded = recordedAnswers(store, target.model)
  return async (prompt, sample) => {
    const known = await recorded(prompt, sample)
    if (known.type === 'answer') return known
    const spent = budget?.exhausted()
    if (spent !== undefined) return { type: 'skipped', reason: spent }
    requireKey(target.model, target.provider, target.apiKey, target.baseUrl)
    const built = targetRequest(prompt.conversation, target)
    if (built.type === 'skipped') return built
    const result = await ask(prompt, sample, built.request, options)
    if (result.type === 'answer') budget?.spend(prompt, result)
    return result
  }
}

async function ask(
  prompt: Prompt,
  sample: number,
  request: BuiltRequest,
  options: LiveOptions,
): Promise<TargetResult> {
  const { store, writer, target } = options
  const result = await askModel(request, { ...options, dialect: target.provider.dialect })
  if (result.type === 'failure') {
    const reason = withoutKey(result.reason, target.apiKey)
    if (result.status === 401) throw new RefusedKeyError(`${target.model}: ${reason}`)
    return { type: 'errored', reason }
  }
  const id = migrationId(prompt.baseline.id, target.model)
  const ref = await writer.write(result.exchange, {
    requestKey: { id },
    occurrence: sample,
    metadata: {
      migrated_from: prompt.baseline.id,
      semantic_key: prompt.semanticKey,
      semantic_key_version: SEMANTIC_KEY_VERSION,
      ...(prompt.answer.model !== null && { baseline_model: prompt.answer.model }),
      ...(prompt.category !== null && { category: prompt.category }),
    },
    replaces: (stored) => !isAnswer(stored.exchange),
  })
  const cassette = ref && (await store.read(ref))
  if (!cassette) return { type: 'errored', reason: `${id}: the answer could not be read again` }
  return { type: 'answer', cassette, isCached: false, notes: [...request.notes, ...result.notes] }
}

/** APIs repeat the key that they refuse, whole or in part. */
function withoutKey(text: string, key: string | undefined): string {
  const own = key ? text.replaceAll(key, '[REDACTED:api-key]') : text
  return createScrubber().text(own)
}
