import {
  LIST_PRICES,
  listPricer,
  type Pricer,
  type PriceTable,
  readPriceFolder,
  selectPrices,
  withOwnPrices,
} from '@agent-stream/cassette/migration'

import { CommandFailure } from './failure.ts'
import type { ComparingOptions } from './migration-options.ts'
import { reasonOf } from './system-error.ts'

/** How the report calls prices that nobody chose. */
const DEFAULT_NAME = 'list prices'

/** The prices to count by: those of each profile that was asked for, else all that are known. */
export async function openPricing({
  pricing = [],
  pricingDir = [],
  pricingAsOf,
}: Pick<ComparingOptions, 'pricing' | 'pricingDir' | 'pricingAsOf'>): Promise<readonly Pricer[]> {
  const table = await readPrices(pricingDir)
  try {
    if (pricing.length === 0) return [listPricer(selectPrices(table, undefined, pricingAsOf), DEFAULT_NAME)]
    return pricing.map((spec) => listPricer(selectPrices(table, spec, pricingAsOf)))
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(`--pricing: ${error.message}`, 2)
    throw error
  }
}

/** The list prices, and the user's own in the place of those of the same name. */
export async function readPrices(folders: readonly string[]): Promise<PriceTable> {
  let table: PriceTable = LIST_PRICES
  for (const folder of folders) {
    const own = await readPriceFolder(folder).catch((error) => {
      const reason = error instanceof TypeError ? error.message : reasonOf(error)
      throw new CommandFailure(`--pricing-dir ${folder}: ${reason}`, 2)
    })
    table = withOwnPrices(table, own)
  }
  return table
}
