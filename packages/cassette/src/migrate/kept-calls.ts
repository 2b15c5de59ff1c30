import type { Exchange } from '../exchange.ts'
import type { BuiltRequest, Provider } from '../providers/provider.ts'
import type { CassetteWriter } from '../record/cassette-writer.ts'
import type { Cassette, CassetteStore } from '../store/cassette-store.ts'
import { type AskOptions, askModel } from './ask-model.ts'
import { isAnswer } from './corpus.ts'

/** A call beside those for prompts, such as a judge's. */
export interface KeptCall {
  /** The cassette that keeps it. */
  readonly id: string
  readonly provider: Provider
  readonly request: () => BuiltRequest
  readonly metadata: Readonly<Record<string, unknown>>
  /** Whether a kept answer serves; one that does not is asked for anew. Default: every whole one does. */
  readonly isUsable?: (exchange: Exchange) => boolean
}

export interface KeptAnswer {
  readonly cassette: Cassette
  /** It stood in the corpus. */
  readonly isCached: boolean
}

/** Answers a call from the corpus, or asks and keeps what comes. Rejects where there is no answer. */
export type KeptCalls = (call: KeptCall) => Promise<KeptAnswer>

/** What stands in the corpus. There is no way from here to the network. */
export function recordedCalls(store: CassetteStore): KeptCalls {
  return async ({ id }) => {
    const cassette = await store.read({ id, occurrence: 1 })
    if (cassette && isAnswer(cassette.exchange)) return { cassette, isCached: true }
    throw new Error(`no answer is recorded (${id}); agent-stream migrate asks for it`)
  }
}

export interface LiveCallOptions extends Omit<AskOptions, 'dialect'> {
  readonly store: CassetteStore
  readonly writer: CassetteWriter
}

/** What stands in the corpus; the rest is asked for, the same call once. */
export function liveCalls(options: LiveCallOptions): KeptCalls {
  const { store, writer } = options
  const underWay = new Map<string, Promise<KeptAnswer>>()

  async function ask({ id, provider, request, metadata, isUsable }: KeptCall): Promise<KeptAnswer> {
    const serves = ({ exchange }: Cassette) => isAnswer(exchange) && (isUsable?.(exchange) ?? true)
    const known = await store.read({ id, occurrence: 1 })
    if (known && serves(known)) return { cassette: known, isCached: true }
    const result = await askModel(request(), { ...options, dialect: provider.dialect })
    if (result.type === 'failure') throw new Error(result.reason)
    const replaces = (stored: Cassette) => !serves(stored)
    const ref = await writer.write(result.exchange, { requestKey: { id }, occurrence: 1, metadata, replaces })
    const cassette = ref && (await store.read(ref))
    if (!cassette) throw new Error(`${id}: the answer could not be read again`)
    return { cassette, isCached: false }
  }

  return (call) => {
    const running = underWay.get(call.id) ?? ask(call).finally(() => underWay.delete(call.id))
    underWay.set(call.id, running)
    return running
  }
}
