import type { Usage } from '@agent-stream/protocol'
import { defined } from '../json-object.ts'

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
  /** All that was generated, reasoning included. */
  readonly output?: number
  /** Of `output`, those of the reasoning. */
  readonly reasoning?: number
}

/**
 * Usage as a wire reports it, in buckets that are disjoint. `isCacheIncluded`: its input includes what caches had or were
 * given, as everywhere but at Anthropic. Its output includes the reasoning, but not everywhere (xAI): the total tells.
 */
export function disjointUsage(usage: Usage, isCacheIncluded: boolean): TokenUsage {
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens, totalTokens } = usage
  const cached = isCacheIncluded ? (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) : 0
  const isApart =
    reasoningTokens && totalTokens === (inputTokens ?? 0) + (outputTokens ?? 0) + reasoningTokens
  return defined({
    input: inputTokens === undefined ? undefined : Math.max(0, inputTokens - cached),
    cacheRead: cacheReadTokens,
    cacheWrite: cacheWriteTokens,
    output: isApart ? (outputTokens ?? 0) + reasoningTokens : outputTokens,
    reasoning: reasoningTokens,
  })
}
