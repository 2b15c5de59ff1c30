import {
  type AgentEvent,
  createFold,
  createSseReader,
  decodeEvent,
  type SseMessage,
} from '@agent-stream/protocol'

import { Batcher } from './batch.ts'
import { type AgentStreamCallbacks, dispatchEvent, notify } from './callbacks.ts'
import type { Clock } from './clock.ts'
import type { BodyReader, Send } from './connection.ts'
import { HeartbeatEstimate } from './heartbeat.ts'
import type { Pulse } from './lifecycle.ts'
import type { AgentStreamClientOptions } from './options.ts'

/** After this silence the machine may have called the stream stalled: it is told of the next byte. */
const SILENCE_MS = 60_000

/** Bytes of one attempt → messages → events → folded state, published in batches. */
export class StreamReader implements BodyReader {
  readonly #clock: Clock
  readonly #callbacks: AgentStreamCallbacks
  readonly #send: Send
  readonly #pulse: Pulse
  readonly #fold = createFold()
  readonly #sse
  readonly #batcher
  readonly #heartbeat = new HeartbeatEstimate()
  readonly #isRepeat: boolean
  #nowMs = 0
  #isHeartbeatAnnounced = false
  #eventCount = 0
  #isOver = false

  constructor(
    options: AgentStreamClientOptions,
    clock: Clock,
    callbacks: AgentStreamCallbacks,
    input: { readonly pulse: Pulse; readonly isRepeat: boolean },
    send: Send,
  ) {
    this.#clock = clock
    this.#callbacks = callbacks
    this.#send = send
    this.#pulse = input.pulse
    this.#isRepeat = input.isRepeat
    this.#batcher = new Batcher(options.batch, clock, (flush) => {
      if (options.onFlush) notify(options.onFlush, flush)
      send({ type: 'flush', run: this.#fold.snapshot() })
    })
    this.#sse = createSseReader(
      {
        onMessage: (message) => this.#message(message),
        onComment: (comment) => this.#comment(comment),
        onRetry: (ms) => send({ type: 'retryField', ms }),
      },
      options.limits,
    )
  }

  chunk(bytes: Uint8Array): boolean {
    // One clock reading for all that the chunk brings.
    this.#nowMs = this.#clock.now()
    const wasSilent = this.#nowMs - this.#pulse.lastByteMs >= SILENCE_MS
    this.#pulse.lastByteMs = this.#nowMs
    if (wasSilent) this.#send({ type: 'active' })
    try {
      this.#sse.feed(bytes)
    } finally {
      this.#batcher.chunkEnd(this.#nowMs)
    }
    return !this.#isOver
  }

  flush(): void {
    this.#batcher.flush()
  }

  close(): void {
    this.#isOver = true
    this.#batcher.close()
  }

  #message(message: SseMessage): void {
    if (this.#isOver) return
    const seq = message.id === undefined ? undefined : sequenceNumber(message.id)
    const event = decodeEvent(message)
    if (event.type === 'warning') {
      this.#fold.warn(event, seq)
      this.#batcher.event()
      notify(this.#callbacks.onWarning, event)
      return
    }
    if (!this.#fold.apply(event, seq)) return
    if (this.#eventCount++ === 0 && this.#isRepeat) notify(this.#callbacks.onRestart)
    if (isText(event)) this.#batcher.text(event.type)
    else this.#batcher.event()
    if (event.type === 'run_started' && event.heartbeatMs) {
      this.#isHeartbeatAnnounced = true
      this.#setHeartbeat(event.heartbeatMs)
    }
    if (event.type === 'done') this.#isOver = true
    dispatchEvent(this.#callbacks, event)
  }

  #comment(comment: string): void {
    const learntMs = this.#heartbeat.comment(comment, this.#nowMs)
    if (learntMs !== undefined && !this.#isHeartbeatAnnounced) this.#setHeartbeat(learntMs)
  }

  /** The watchdog sleeps until the silence it knew of would be over: it is woken to a shorter one. */
  #setHeartbeat(ms: number): void {
    if (ms === this.#pulse.heartbeatMs) return
    this.#pulse.heartbeatMs = ms
    this.#send({ type: 'active' })
  }
}

/** Fragments that come by the hundred: these are published in batches. */
function isText({ type }: AgentEvent): boolean {
  return type === 'token' || type === 'thinking' || type === 'tool_input_delta'
}

function sequenceNumber(id: string): number | undefined {
  const seq = Number(id)
  return Number.isSafeInteger(seq) && seq > 0 ? seq : undefined
}
