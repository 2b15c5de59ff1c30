import {
  type AgentEvent,
  AgentStreamError,
  createSseReader,
  type Decoded,
  detectDialect,
  type EndReason,
  type Outcome,
  type RunError,
  type SseMessage,
  type StreamWarning,
} from '@agent-stream/protocol'
import { DecodeError } from './decoded-response.ts'
import { createDeltaClock, type DeltaTimes, isDelta } from './delta-times.ts'
import type { Provider } from './provider.ts'
import { PROVIDERS } from './providers.ts'
import { messagesOfJson } from './read-answer.ts'
import { createRunOutline } from './run-outline.ts'
import { disjointUsage, type TokenUsage } from './token-usage.ts'

/** What a response was, as far as it has come; times in milliseconds from the request's start. No delta comes of JSON. */
export interface ResponseMeasure extends DeltaTimes {
  /** Whose wire it is; null while that is not known. */
  readonly provider: Provider | null
  readonly model: string | null
  readonly firstByteMs: number | null
  readonly toolCount: number
  readonly byteCount: number
  readonly usage: TokenUsage | null
  readonly finishReason: string | null
  /** How it ended; null while it has not, or is no answer of a model. */
  readonly outcome: Outcome | null
  readonly error: RunError | null
  /** Why it is not measured, where it is not: an unknown wire, a message or body over the limit. */
  readonly unreadable: string | null
}

export interface ResponseMeterOptions {
  /** From the request, where it tells; else the first messages do. */
  readonly provider?: Provider | null
  /** The response's: `text/event-stream` is read as it comes, anything else as JSON at its end. */
  readonly contentType: string
  /** Each event in order, text and all, as it is read. */
  readonly onEvent?: (event: AgentEvent | StreamWarning, atMs: number) => void
  /** Each text, thought or piece of tool arguments; `gapMs` since the one before, null for the first. */
  readonly onDelta?: (atMs: number, gapMs: number | null) => void
  /** The longest JSON body that is kept until its end, in bytes. Default 4 Mi. */
  readonly maxJsonBytes?: number
}

/**
 * Measures a response while it passes. It keeps none of its text; its wire's decoder keeps what later messages refer to,
 * such as a tool's arguments until they are whole.
 */
export interface ResponseMeter {
  /** The next bytes of the body, cut anywhere. Never throws. */
  feed(chunk: Uint8Array, atMs: number): void
  /** The body is over: it ended, the caller has stopped it, or it broke off. */
  end(reason: EndReason, atMs: number): ResponseMeasure
  measure(): ResponseMeasure
}

const MAX_JSON_BYTES = 2 ** 22

export function createResponseMeter(options: ResponseMeterOptions): ResponseMeter {
  const { contentType, onEvent, maxJsonBytes = MAX_JSON_BYTES } = options
  const isStream = /^text\/event-stream\b/i.test(contentType.trim())
  const run = createRunOutline()
  const deltas = createDeltaClock(options.onDelta)
  const reader = createSseReader({ onMessage: read })
  const json: Uint8Array[] = []
  let provider = options.provider ?? null
  let decoder = provider?.dialect.createDecoder()
  let nowMs = 0
  let firstByteMs: number | null = null
  let byteCount = 0
  let endReason: EndReason | undefined
  let unreadable: string | null = null

  function read(message: SseMessage): void {
    if (!decoder) {
      provider = providerOfMessage(message)
      decoder = provider?.dialect.createDecoder()
    }
    if (decoder) take(decoder.decode(message))
  }

  function take(decoded: Decoded): void {
    for (const item of decoded) {
      onEvent?.(item, nowMs)
      if (isStream && item.type !== 'warning' && isDelta(item)) deltas.note(nowMs)
      run.take(item)
    }
  }

  function readJson(): void {
    const text = new TextDecoder().decode(Buffer.concat(json))
    json.length = 0
    if (!provider) return
    for (const message of messagesOfJson(provider, JSON.parse(text))) read(message)
  }

  /** What cannot be read is no fault of the call that is measured. */
  function guarded(work: () => void): void {
    try {
      if (unreadable === null) work()
    } catch (error) {
      if (!isUnreadable(error)) throw error
      unreadable = error.message
      json.length = 0
    }
  }

  function measure(): ResponseMeasure {
    const { outcome, error, done, usage, tools, lastEventType } = run.state(endReason)
    return {
      provider,
      model: done?.model || null,
      firstByteMs,
      ...deltas.times(),
      toolCount: tools.length,
      byteCount,
      usage: provider && usage && disjointUsage(usage, provider.isCacheIncluded),
      finishReason: done?.finishReason ?? null,
      outcome: lastEventType === null ? null : outcome,
      error,
      unreadable,
    }
  }

  return {
    feed(chunk, atMs) {
      nowMs = atMs
      firstByteMs ??= atMs
      byteCount += chunk.length
      guarded(() => {
        if (isStream) reader.feed(chunk)
        else if (byteCount <= maxJsonBytes) json.push(chunk)
        else throw new DecodeError(`The body has more than ${maxJsonBytes} bytes: raise maxJsonBytes`)
      })
    },
    end(reason, atMs) {
      nowMs = atMs
      guarded(() => {
        if (!isStream) readJson()
        if (decoder) take(decoder.end())
      })
      endReason = reason
      return measure()
    },
    measure,
  }
}

function providerOfMessage(message: SseMessage): Provider | null {
  const known = Object.values(PROVIDERS)
  const dialect = detectDialect([...new Set(known.map((each) => each.dialect))], message)
  return known.find((each) => each.dialect === dialect) ?? null
}

function isUnreadable(error: unknown): error is Error {
  return error instanceof AgentStreamError || error instanceof DecodeError || error instanceof SyntaxError
}
