import type { TokenUsage } from '../providers/token-usage.ts'
import type { FoundPrice, PriceSource } from './price-list.ts'
import { BUCKETS, type ModelPrice, type Rates } from './price-table.ts'

/** What a call cost. */
export interface Cost {
  /** Of the buckets that have a price: all of it only where `unpriced` is empty. */
  readonly total: number
  readonly currency: string
  readonly byBucket: Rates
  /** Buckets with tokens and without a price. */
  readonly unpriced: readonly (keyof Rates)[]
  readonly from: PriceSource
}

/**
 * The cost of a call's tokens; null where no tokens are known, or the model has no batch prices and they are asked for.
 * Reasoning is priced as the output that it is.
 */
export function costOf(
  usage: TokenUsage | null,
  { price, currency, from }: FoundPrice,
  options: { readonly isBatch?: boolean } = {},
): Cost | null {
  const rates = ratesFor(price, usage ?? {}, options.isBatch === true)
  const used = BUCKETS.filter((bucket) => (usage?.[bucket] ?? 0) > 0)
  if (!rates || used.length === 0) return null
  const costs = used.flatMap((bucket) => {
    const rate = rates[bucket]
    return rate === undefined ? [] : [[bucket, ((usage?.[bucket] ?? 0) * rate) / 1e6] as const]
  })
  return {
    total: costs.reduce((sum, [, cost]) => sum + cost, 0),
    currency,
    byBucket: Object.fromEntries(costs),
    unpriced: used.filter((bucket) => rates[bucket] === undefined),
    from,
  }
}

function ratesFor(
  { rates, batch, longPrompts = [] }: ModelPrice,
  usage: TokenUsage,
  isBatch: boolean,
): Rates | undefined {
  const { input = 0, cacheRead = 0, cacheWrite = 0 } = usage
  if (isBatch) return batch
  const long = longPrompts.findLast(({ aboveTokens }) => input + cacheRead + cacheWrite > aboveTokens)
  return long ? { ...rates, ...long.rates } : rates
}
