import type { AskJudge } from '../compare/judge-comparator.ts'
import { parseVerdict } from '../compare/verdict.ts'
import type { Exchange } from '../exchange.ts'
import { decodeExchange } from '../providers/decode-exchange.ts'
import type { Provider } from '../providers/provider.ts'
import { providerForModel } from '../providers/providers.ts'
import { requireKey } from './api-key.ts'
import type { KeptCalls } from './kept-calls.ts'

/** How a judge or another model beside the target is reached. */
export interface ModelAccess {
  /** The key for a provider; undefined where there is none. */
  readonly apiKey: (provider: Provider) => string | undefined
  /** Instead of the provider's own, up to and including the version. */
  readonly baseUrl?: string | undefined
}

/** Puts a judge's questions through `calls`. */
export function askJudge(calls: KeptCalls, { apiKey, baseUrl }: ModelAccess): AskJudge {
  return async ({ model, conversation, key }) => {
    const provider = providerForModel(model)
    if (!provider) throw new TypeError(`The judge ${model} is of no provider that is known`)
    const { cassette, isCached } = await calls({
      id: key,
      provider,
      metadata: { judge_model: model },
      // A reply that is no verdict would else be one for ever.
      isUsable: (exchange) => hasVerdict(exchange, provider),
      request() {
        const options = { model, ...requireKey(model, provider, apiKey(provider), baseUrl) }
        return provider.buildRequest(conversation, options)
      },
    })
    return { text: decodeExchange(cassette.exchange, provider).text, isCached }
  }
}

function hasVerdict(exchange: Exchange, provider: Provider): boolean {
  try {
    parseVerdict(decodeExchange(exchange, provider).text)
    return true
  } catch {
    return false
  }
}
