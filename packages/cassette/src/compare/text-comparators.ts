import { comparableText } from './comparable-text.ts'
import { type Comparator, comparison } from './comparator.ts'
import { matchingRatio } from './matching-ratio.ts'

/** Passes when both answers are the same text, whatever their case, spaces and fence: for classifications. */
export const exactComparator: Comparator = {
  name: 'exact',
  compare({ baseline, target }) {
    const isSame = comparableText(baseline) === comparableText(target)
    return comparison('exact', {
      score: isSame ? 1 : 0,
      passed: isSame,
      detail: isSame ? 'normalized texts match' : 'normalized texts differ',
    })
  },
}

/** Passes when `matchingRatio` of both answers is at least `threshold`. */
export function fuzzyComparator(threshold: number): Comparator {
  return {
    name: 'fuzzy',
    compare({ baseline, target }) {
      const score = matchingRatio(comparableText(baseline), comparableText(target))
      const detail = `sequence similarity ${score.toFixed(2)} (threshold ${threshold})`
      return comparison('fuzzy', { score, passed: score >= threshold, detail })
    },
  }
}
