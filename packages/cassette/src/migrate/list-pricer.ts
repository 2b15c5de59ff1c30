import { costOf } from '../prices/cost.ts'
import type { PriceList, PriceSource } from '../prices/price-list.ts'
import type { Pricer } from './answer-of.ts'

/** Prices answers by a list, and notes which of its snapshots were used. `name` is how the report calls it. */
export function listPricer(list: PriceList, name = list.name): Pricer {
  const used = new Map<string, PriceSource>()
  const unknown = new Set<string>()
  return {
    cost(model, usage, recordedAt) {
      const found = list.find(model, recordedAt)
      if (!found) {
        unknown.add(model)
        return null
      }
      used.set(`${found.from.profile} ${found.from.asOf}`, found.from)
      const cost = costOf(usage, found)
      return cost && { amount: cost.total, isPartial: cost.unpriced.length > 0 }
    },
    note: () => ({
      profile: name,
      currency: list.currency,
      asOf: list.asOf,
      snapshots: [...used.values()].map(({ profile, asOf, digest }) => ({
        name: profile,
        date: asOf,
        digest,
      })),
      unknownModels: [...unknown].sort(),
    }),
  }
}
