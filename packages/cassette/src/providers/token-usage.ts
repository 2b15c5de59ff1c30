/**
 * Tokens of one call. `input`, `cacheRead`, `cacheWrite` and `output` are disjoint: each is priced once, and the first
 * three add up to the whole prompt. What the provider did not report is absent, not 0.
 */
export interface TokenUsage {
  /** Of the prompt, neither read from a cache nor written to one. */
  readonly input?: number
  readonly cacheRead?: number
  /** Written to a cache, for whatever time. */
  readonly cacheWrite?: number
  /** Of `cacheWrite`, those kept for an hour, which Anthropic prices higher. */
  readonly cacheWrite1h?: number
  /** All that was generated, reasoning included. */
  readonly output?: number
  /** Of `output`, those of the reasoning. */
  readonly reasoning?: number
}
