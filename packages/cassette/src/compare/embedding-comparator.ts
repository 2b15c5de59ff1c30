import { renderResponse } from '../conversation/prompt-text.ts'
import { clipped } from './comparable-text.ts'
import { type Comparator, comparison } from './comparator.ts'

/** Gives a vector for each text. */
export type Embed = (texts: readonly string[], model: string) => Promise<readonly (readonly number[])[]>

export interface EmbeddingOptions {
  readonly embed: Embed
  readonly model: string
  readonly threshold: number
}

const MAX_CHARS = 6000

/** Passes when the cosine of both answers' embeddings is at least `threshold`. Of an answer 6000 characters count. */
export function embeddingComparator({ embed, model, threshold }: EmbeddingOptions): Comparator {
  return {
    name: 'embedding',
    async compare({ baseline, target }) {
      const texts = [baseline, target].map((response) => clipped(renderResponse(response), MAX_CHARS))
      const [before, after] = await embed(texts, model)
      if (!before || !after || before.length !== after.length)
        throw new TypeError(`${model} gave no two vectors of one length`)
      const score = Math.min(1, Math.max(0, cosine(before, after)))
      const detail = `cosine similarity ${score.toFixed(2)} via ${model} (threshold ${threshold})`
      return comparison('embedding', { score, passed: score >= threshold, detail })
    },
  }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const norm = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b))
  return norm === 0 ? 0 : dot(a, b) / norm
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
}
