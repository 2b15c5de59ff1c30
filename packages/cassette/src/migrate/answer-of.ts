import { answerTimes } from '../providers/decode-exchange.ts'
import type { DecodedResponse } from '../providers/decoded-response.ts'
import type { TokenUsage } from '../providers/token-usage.ts'
import type { Answer, Cost, PricingNote } from '../report/report.ts'
import type { Cassette } from '../store/cassette-store.ts'

/** One view of what answers cost. */
export interface Pricer {
  /** Null where the model has no price, or the tokens are not known. `recordedAt`: ISO 8601. */
  cost(model: string, usage: TokenUsage | null, recordedAt: string): Cost | null
  /** Where the prices that were used came from. */
  note(): PricingNote
}

/** An answer as the report has it. Imports without times have 0 for them. */
export function answerOf(cassette: Cassette, decoded: DecodedResponse, pricing: readonly Pricer[]): Answer {
  const { exchange } = cassette
  const { firstByteMs, totalMs } = answerTimes(exchange)
  const model = decoded.model ?? modelIn(cassette)
  const { usage } = decoded
  return {
    cassetteId: cassette.id,
    model,
    text: decoded.text || (decoded.refusal ?? ''),
    toolCalls: decoded.toolCalls,
    finishReason: decoded.finishReason,
    inputTokens: usage && promptTokens(usage),
    outputTokens: usage?.output ?? null,
    latencyMs: totalMs > 0 ? totalMs : null,
    // The head of an answer that is not streamed says nothing of when its text came.
    firstChunkMs: decoded.isStreamed && firstByteMs !== null && firstByteMs > 0 ? firstByteMs : null,
    recordedAt: exchange.startedAt,
    costs: pricing.map((pricer) => pricer.cost(model, usage, exchange.startedAt)),
  }
}

function modelIn({ key, metadata }: Cassette): string {
  return key?.model ?? (typeof metadata.model === 'string' ? metadata.model : 'unknown')
}

/** The whole prompt: what caches had of it, too. */
export function promptTokens({ input, cacheRead = 0, cacheWrite = 0 }: TokenUsage): number | null {
  return input === undefined ? null : input + cacheRead + cacheWrite
}
