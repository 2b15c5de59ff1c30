/** Prices per million tokens. A bucket that is absent has no known price: it is not free. */
export interface Rates {
  readonly input?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly output?: number
}

export const BUCKETS = ['input', 'cacheRead', 'cacheWrite', 'output'] as const

/** The price of one or several models. */
export interface ModelPrice {
  /** Model ids, or globs with `*`. Ids are tried first, then globs in order. */
  readonly match: readonly string[]
  readonly rates: Rates
  /** Rates of the batch API. */
  readonly batch?: Rates
  /** Rates that replace others for prompts of more tokens than so many, ascending. */
  readonly longPrompts?: readonly LongPromptRates[]
}

export interface LongPromptRates {
  readonly aboveTokens: number
  readonly rates: Rates
}

/** The prices of one provider or contract, as they were from a day on. */
export interface PriceSnapshot {
  /** `openai`, `anthropic`, or a user's own. */
  readonly profile: string
  /** The day from which they hold, or on which they were read, as YYYY-MM-DD. */
  readonly asOf: string
  readonly currency: string
  /** Where they were read. */
  readonly source?: string
  readonly models: readonly ModelPrice[]
}

/** Snapshots of any number of profiles and days. */
export type PriceTable = readonly PriceSnapshot[]

/** `table` with the profiles of `own` in place of those of the same name, with all their days. */
export function withOwnPrices(table: PriceTable, own: PriceTable): PriceTable {
  const replaced = new Set(own.map(({ profile }) => profile))
  return [...table.filter(({ profile }) => !replaced.has(profile)), ...own]
}

export function profileNames(table: PriceTable): readonly string[] {
  return [...new Set(table.map(({ profile }) => profile))].sort()
}
