import {
  type AgentEvent,
  createFold,
  createSseReader,
  type Decoder,
  type Dialect,
  type DialectHeaders,
  decodeEvent,
  detectDialect,
  plainText,
  type RunState,
  type SseMessage,
  type StreamWarning,
} from '@agent-stream/protocol'

import { createBatcher } from './batch.ts'
import { type AgentStreamCallbacks, dispatchEvent, notify } from './callbacks.ts'
import type { Clock } from './clock.ts'
import { createHeartbeatEstimate } from './heartbeat.ts'
import type { ConnectionEvent, Pulse } from './lifecycle-context.ts'
import type { AgentStreamClientOptions } from './options.ts'
import { eventsUrlOf } from './request.ts'
import { endGraceMs, STALLED_AFTER_MS } from './silence.ts'

/** Reads one attempt's body: bytes → messages → events → folded state, published in batches. */
export interface StreamReader {
  /** Takes a chunk; false once the run has ended and nothing more is wanted. The headers may tell its dialect. */
  chunk(bytes: Uint8Array, headers?: DialectHeaders): boolean
  /** No more chunks will come, for whatever reason: publishes what is still buffered. */
  end(): void
  /** Publishes nothing more, and tells nobody anything. `isLingering`: reads on until it knows which run this is. */
  close(isLingering: boolean): void
}

export interface StreamReaderOptions extends AgentStreamClientOptions {
  readonly clock: Clock
  readonly callbacks: AgentStreamCallbacks
  readonly pulse: Pulse
  /** The run is told from its beginning again: what the callbacks were told is void. */
  readonly isRepeat: boolean
  readonly send: (event: ConnectionEvent) => void
}

export function createStreamReader(options: StreamReaderOptions): StreamReader {
  const { clock, callbacks, pulse, send } = options
  const dialects = [options.dialects ?? []].flat()
  pulse.fold ??= createFold(options.applyPatch ? options : dialects.find(({ applyPatch }) => applyPatch))
  const { fold } = pulse
  const latest = (isOver?: boolean): RunState => {
    if (isOver) takeEnd()
    foldTokens()
    return fold.snapshot()
  }
  pulse.latest = latest
  const batcher = createBatcher(options.batch, clock, (flush) => {
    send({ type: 'flush', run: latest() })
    if (options.onFlush) notify(options.onFlush, flush)
  })
  const learnHeartbeat = createHeartbeatEstimate()
  const sse = createSseReader(
    { onMessage, onComment, onRetry: (ms) => send({ type: 'retryField', ms }) },
    options.limits,
  )
  /** What the response speaks: `null` for the protocol itself, `undefined` while that is not known. */
  let dialect: Dialect | null | undefined = dialects.length > 0 ? undefined : null
  let decoder: Decoder | undefined
  let headers: DialectHeaders | undefined
  let nowMs = 0
  let isFirst = true
  let isOver = false
  let isLingering = false
  let tokens = ''
  let tokenCount = 0

  /** Plain tokens in a row are folded as one: when something else comes, or the state is published. */
  function foldTokens(): void {
    if (tokenCount > 0) fold.apply({ type: 'token', text: tokens }, undefined, tokenCount)
    tokens = ''
    tokenCount = 0
  }

  /** An event is about to be told: false if a callback has ended the run. */
  function begin(): boolean {
    if (isFirst && options.isRepeat) notify(callbacks.onRestart)
    isFirst = false
    return !isOver
  }

  /** Where the run's events are is known, where the options say it, as soon as the run has a name. */
  function locate(event: AgentEvent | StreamWarning): void {
    const eventsUrl = event.type === 'run_started' && eventsUrlOf(options, event.runId)
    if (eventsUrl) send({ type: 'located', eventsUrl })
  }

  function onMessage(message: SseMessage): void {
    if (isOver && !isLingering) return
    if (dialect === undefined) {
      dialect = detectDialect(dialects, message, headers)
      decoder = dialect?.createDecoder()
      pulse.isForeign = !!dialect
    }
    if (decoder) {
      for (const event of decoder.decode(message)) take(event)
      // A run whose end is announced is not held up by a connection that nobody closes.
      const { pending } = decoder
      pulse.endsMs = pending && nowMs + endGraceMs(pending)
      if (pending) send({ type: 'active' })
      return
    }
    if (message.event === 'token' && message.id === undefined && !callbacks.onEvent && !isLingering) {
      const text = plainText(message.data)
      if (text !== undefined) {
        tokens += text
        tokenCount++
        batcher.text('token')
        if (begin() && callbacks.onToken) notify(callbacks.onToken, text)
        return
      }
    }
    const seq = sequenceNumber(message.id)
    foldTokens()
    if (seq && fold.jumps(seq)) send({ type: 'jumped' })
    take(decodeEvent(message), seq)
  }

  function take(event: AgentEvent | StreamWarning, seq?: number): void {
    if (isLingering) locate(event)
    if (isOver) return
    if (event.type === 'warning') {
      if (!fold.warn(event, seq)) return
      // A repeated request shows nothing before its first event: the old text stays until then.
      if (!isFirst || !options.isRepeat) batcher.event()
      notify(callbacks.onWarning, event)
      return
    }
    if (!fold.apply(event, seq)) return
    if (event.type === 'tool_use') pulse.hasToolStarted = true
    if (isText(event)) batcher.text(event.type)
    else batcher.event()
    if (!begin()) return
    locate(event)
    if (event.type === 'run_started' && (event.heartbeatMs ?? 0) > 0) {
      pulse.isHeartbeatAnnounced = true
      setHeartbeat(Math.max(MIN_HEARTBEAT_MS, event.heartbeatMs as number))
    }
    dispatchEvent(callbacks, event, () => isOver)
    if (event.type === 'done') isOver = true
  }

  /** The response is over: a run whose end was announced has ended, however the connection did. */
  function takeEnd(): void {
    for (const event of decoder?.end() ?? []) take(event)
  }

  function onComment(comment: string): void {
    const learntMs = learnHeartbeat(comment, nowMs)
    if (learntMs && !pulse.isHeartbeatAnnounced) setHeartbeat(learntMs)
  }

  /** The watchdog sleeps until the silence it knew of would be over: it is woken to a shorter one. */
  function setHeartbeat(ms: number): void {
    if (ms === pulse.heartbeatMs) return
    pulse.heartbeatMs = ms
    send({ type: 'active' })
  }

  return {
    chunk(bytes, responseHeaders) {
      headers = responseHeaders
      // One clock reading for all that the chunk brings.
      nowMs = clock.now()
      const wasSilent = nowMs - pulse.lastByteMs >= STALLED_AFTER_MS
      pulse.lastByteMs = nowMs
      if (wasSilent) send({ type: 'active' })
      try {
        sse.feed(bytes)
      } finally {
        batcher.chunkEnd(nowMs)
      }
      if (isOver) batcher.flush()
      return isLingering || !isOver
    },
    end() {
      takeEnd()
      batcher.flush()
    },
    close(lingers) {
      isOver = true
      isLingering = lingers
      batcher.close()
    },
  }
}

/** An announcement of less would drop connections for a pause of the scheduler. */
const MIN_HEARTBEAT_MS = 1000

/** Fragments that come by the hundred: these are published in batches. */
function isText({ type }: AgentEvent): boolean {
  return type === 'token' || type === 'thinking' || type === 'tool_input_delta'
}

/** Only what the protocol writes is a number: digits, without a leading zero. */
function sequenceNumber(id: string | undefined): number | undefined {
  return id && /^[1-9]\d{0,15}$/.test(id) ? +id : undefined
}
