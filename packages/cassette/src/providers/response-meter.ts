import {
  type AgentEvent,
  AgentStreamError,
  createFold,
  createSseReader,
  type Decoded,
  type Decoder,
  detectDialect,
  type EndReason,
  endRun,
  type Outcome,
  type RunError,
  type SseMessage,
  type StreamWarning,
} from '@agent-stream/protocol'
import { DecodeError } from './decoded-response.ts'
import type { Provider } from './provider.ts'
import { PROVIDERS } from './providers.ts'
import { messagesOfJson } from './read-answer.ts'
import { disjointUsage, type TokenUsage } from './token-usage.ts'

/** What a response was, as far as it has come; times in milliseconds from the request's start. */
export interface ResponseMeasure {
  /** Whose wire it is; null while that is not known. */
  readonly provider: Provider | null
  readonly model: string | null
  readonly firstByteMs: number | null
  /** The first text, thought or tool argument: time to first token. Null for a body that came as JSON. */
  readonly firstDeltaMs: number | null
  readonly lastDeltaMs: number | null
  /** Texts, thoughts and pieces of tool arguments that came one by one. */
  readonly deltaCount: number
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

/** Measures a response while it passes. Keeps none of its text. */
export interface ResponseMeter {
  /** The next bytes of the body, cut anywhere. Never throws. */
  feed(chunk: Uint8Array, atMs: number): void
  /** The body is over: it ended, the caller has stopped it, or it broke off. */
  end(reason: EndReason, atMs: number): ResponseMeasure
  measure(): ResponseMeasure
}

const MAX_JSON_BYTES = 2 ** 22

export function createResponseMeter(options: ResponseMeterOptions): ResponseMeter {
  const { contentType, onEvent, onDelta, maxJsonBytes = MAX_JSON_BYTES } = options
  const isStream = /^text\/event-stream\b/i.test(contentType.trim())
  const run = createFold()
  const json: Uint8Array[] = []
  let provider = options.provider ?? null
  let decoder: Decoder | undefined = provider?.dialect.createDecoder()
  let nowMs = 0
  let firstByteMs: number | null = null
  let firstDeltaMs: number | null = null
  let lastDeltaMs: number | null = null
  let deltaCount = 0
  let byteCount = 0
  let model: string | null = null
  let endReason: EndReason | undefined
  let unreadable: string | null = null

  const reader = createSseReader({ onMessage: read })

  function read(message: SseMessage): void {
    if (!decoder) recognise(message)
    if (decoder) take(decoder.decode(message))
  }

  function recognise(message: SseMessage): void {
    const known = Object.values(PROVIDERS)
    const dialect = detectDialect([...new Set(known.map((each) => each.dialect))], message)
    provider = known.find((each) => each.dialect === dialect) ?? null
    decoder = provider?.dialect.createDecoder()
  }

  function take(decoded: Decoded): void {
    for (const item of decoded) {
      onEvent?.(item, nowMs)
      if (item.type === 'warning') {
        run.warn(item)
        continue
      }
      if (isStream && isDelta(item)) noteDelta()
      if (item.type === 'done') model = item.model || null
      run.apply(withoutText(item))
    }
  }

  function noteDelta(): void {
    onDelta?.(nowMs, lastDeltaMs === null ? null : nowMs - lastDeltaMs)
    firstDeltaMs ??= nowMs
    lastDeltaMs = nowMs
    deltaCount++
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
      const isExpected =
        error instanceof AgentStreamError || error instanceof DecodeError || error instanceof SyntaxError
      if (!isExpected) throw error
      unreadable = error.message
      json.length = 0
    }
  }

  function measure(): ResponseMeasure {
    const state = run.snapshot()
    const { outcome, error, done, usage, tools } = endReason === undefined ? state : endRun(state, endReason)
    const isAnswer = state.lastEventType !== null
    return {
      provider,
      model,
      firstByteMs,
      firstDeltaMs,
      lastDeltaMs,
      deltaCount,
      toolCount: tools.length,
      byteCount,
      usage: provider && usage && disjointUsage(usage, provider.isCacheIncluded),
      finishReason: done?.finishReason ?? null,
      outcome: isAnswer ? outcome : null,
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

function isDelta({ type }: AgentEvent): boolean {
  return type === 'token' || type === 'thinking' || type === 'tool_input_delta'
}

/** An event without what grows with the answer: how a run ends does not depend on what it says. */
function withoutText(event: AgentEvent): AgentEvent {
  switch (event.type) {
    case 'token':
    case 'thinking':
      return { ...event, text: '' }
    case 'tool_input_delta':
      return { ...event, delta: '' }
    case 'tool_use': {
      const { input: _, ...rest } = event
      return rest
    }
    case 'tool_result': {
      const { output: _, ...rest } = event
      return { ...rest, outputSummary: '' }
    }
    case 'custom':
      return { type: 'custom', name: event.name }
    case 'file':
      return { ...event, url: '' }
    default:
      return event
  }
}
