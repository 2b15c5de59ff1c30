/** US dollars per million tokens. A bucket that is absent has no known price. */
export interface Rates {
  readonly input?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly output?: number
}

/** The price of one or several models from a prompt size on. */
export interface ModelPrice {
  /** Exact model ids, or globs with `*`. Exact ids are tried first, then globs in order. */
  readonly match: readonly string[]
  readonly rates: Rates
  /** Rates of the batch API. */
  readonly batch?: Rates
  /** Rates of prompts of more than so many tokens, ascending. */
  readonly longPrompts?: readonly { readonly aboveTokens: number; readonly rates: Rates }[]
}

/** The prices of one provider or contract, as they were from a day on. */
export interface PriceSnapshot {
  /** `openai`, `anthropic`, or a user's own. */
  readonly profile: string
  /** The day from which they hold, or were read, as YYYY-MM-DD. */
  readonly asOf: string
  readonly currency: string
  /** Where they were read. */
  readonly source?: string
  readonly models: readonly ModelPrice[]
}

/** Snapshots of any number of profiles and days. */
export interface PriceTable {
  readonly snapshots: readonly PriceSnapshot[]
}
