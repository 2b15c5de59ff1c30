import type { Pricer } from './answer-of.ts'
import type { Budget } from './live-answers.ts'
import { decodeCassette } from './prompt.ts'

/**
 * Asks for nothing more once so much was spent. Answers that are under way then still count: the limit is passed by
 * as many as are asked at the same time.
 */
export function costBudget(maxAmount: number, model: string, pricer: Pricer): Budget {
  let spent = 0
  return {
    exhausted() {
      if (spent < maxAmount) return undefined
      return `the budget of ${maxAmount} ${pricer.note().currency} is spent (--max-cost)`
    },
    spend(_prompt, { cassette }) {
      const decoded = decodeCassette(cassette)
      if (typeof decoded === 'string') return
      spent += pricer.cost(model, decoded.usage, cassette.exchange.startedAt)?.amount ?? 0
    },
  }
}
