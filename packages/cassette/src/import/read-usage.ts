import { isObject, objectOr } from '../json-object.ts'
import type { TokenUsage } from '../providers/token-usage.ts'

/**
 * Reads token counts in the words of any of the systems. `cacheInInput`: the input counts what came from a cache, too,
 * as it does for OpenAI and OpenTelemetry, and not for Anthropic and Langfuse.
 */
export function readUsage(value: unknown, cacheInInput: boolean): TokenUsage | undefined {
  if (!isObject(value)) return undefined
  const details = objectOr(
    value.prompt_tokens_details ?? value.input_token_details ?? value.input_tokens_details,
  )
  const outDetails = objectOr(
    value.completion_tokens_details ?? value.output_token_details ?? value.output_tokens_details,
  )
  const all = count(
    value.input_tokens,
    value.prompt_tokens,
    value.promptTokens,
    value.input,
    value.promptTokenCount,
  )
  const output = count(
    value.output_tokens,
    value.completion_tokens,
    value.completionTokens,
    value.output,
    value.candidatesTokenCount,
  )
  const cacheRead = count(
    value.cache_read_input_tokens,
    value.input_cached_tokens,
    details.cached_tokens,
    details.cache_read,
    value.cachedContentTokenCount,
  )
  const cacheWrite = count(value.cache_creation_input_tokens, details.cache_creation)
  const reasoning = count(outDetails.reasoning_tokens, outDetails.reasoning, value.output_reasoning_tokens)
  const cached = cacheInInput ? (cacheRead ?? 0) + (cacheWrite ?? 0) : 0
  const usage = {
    ...(all !== undefined && { input: Math.max(0, all - cached) }),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(output !== undefined && { output }),
    ...(reasoning !== undefined && { reasoning }),
  }
  return Object.keys(usage).length > 0 ? usage : undefined
}

function count(...values: readonly unknown[]): number | undefined {
  return values
    .map((value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value))
    .find((value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0)
}
