import {
  type AgentEvent,
  createFold,
  createSseReader,
  decodeEvent,
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
import { STALLED_AFTER_MS } from './silence.ts'

/** Reads one attempt's body: bytes → messages → events → folded state, published in batches. */
export interface StreamReader {
  /** Takes a chunk; false once the run has ended and nothing more is wanted. */
  chunk(bytes: Uint8Array): boolean
  /** Publishes what is still buffered. */
  flush(): void
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
  pulse.fold ??= createFold(options)
  const { fold } = pulse
  const latest = (): RunState => {
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
    if (isLingering) locate(decodeEvent(message))
    if (isOver) return
    if (message.event === 'token' && message.id === undefined && !callbacks.onEvent) {
      const text = plainText(message.data)
      if (text !== undefined) {
        tokens += text
        tokenCount++
        batcher.text('token')
        if (begin() && callbacks.onToken) notify(callbacks.onToken, text)
        return
      }
    }
    foldTokens()
    const seq = sequenceNumber(message.id)
    if (seq && fold.jumps(seq)) {
      send({ type: 'jumped' })
      if (isOver) return
    }
    const event = decodeEvent(message)
    if (event.type === 'warning') {
      if (!fold.warn(event, seq)) return
      // A repeated request shows nothing before its first event: the old text stays until then.
      if (!isFirst || !options.isRepeat) batcher.event()
      notify(callbacks.onWarning, event)
      return
    }
    if (!fold.apply(event, seq)) return
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
    chunk(bytes) {
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
    flush: batcher.flush,
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
