import {
  createResponseMeter,
  describeRequest,
  PROVIDERS,
  type RequestDescription,
  type ResponseMeasure,
  type ResponseMeter,
} from '@agent-stream/cassette'
import type { AgentEvent, EndReason } from '@agent-stream/protocol'
import { type Arrival, createArrivalReader } from '@agent-stream/protocol/buffering'
import type { OpenRecording } from '@agent-stream/server'

import { isEventStream } from '../media-type.ts'
import type { CallOutcome } from '../proxy/call.ts'
import { headerValue, type RawHeaders } from '../proxy/raw-headers.ts'
import type { ByteBudget } from './byte-budget.ts'
import { capturedRequest } from './exchange-of-call.ts'
import { createHeldCall, type HeldCall } from './held-call.ts'
import type { ObservationOf } from './observation.ts'

export interface CallObserverOptions {
  readonly budget: ByteBudget
  /** Of one call, in bytes. */
  readonly maxCallBytes: number
  readonly onFirstToken: (ttftMs: number) => void
  /** Opens the session of the call in the recording; undefined where it has none. */
  readonly openSession: (call: CallObserver) => OpenRecording | undefined
}

/** More pieces are not needed to tell whether a stream was held back; nor more gaps. */
const MAX_ARRIVALS = 2000
const MAX_GAPS = 10_000

const END_REASON: Readonly<Record<CallOutcome, EndReason>> = {
  complete: 'closed',
  aborted: 'stopped',
  error: 'failed',
}

/** One call, as its observer knows it while it is under way. */
export class CallObserver {
  readonly open: ObservationOf<'open'>
  readonly held: HeldCall
  /** Between two pieces of output, in the order they came; in milliseconds. */
  readonly gapsMs: number[] = []
  readonly #options: CallObserverOptions
  readonly #arrivals = createArrivalReader()
  #arrivalCount = 0
  #head: ObservationOf<'head'> | undefined
  #description: RequestDescription | undefined
  #meter: ResponseMeter | undefined
  #session: OpenRecording | undefined
  #hasEvents = false

  constructor(open: ObservationOf<'open'>, options: CallObserverOptions) {
    this.open = open
    this.held = createHeldCall(options.budget, options.maxCallBytes)
    this.#options = options
  }

  get head(): ObservationOf<'head'> | undefined {
    return this.#head
  }

  get headers(): RawHeaders {
    return this.#head?.headers ?? []
  }

  /** What the request is. Its body is whole when there is an answer. */
  get description(): RequestDescription {
    this.#description ??= describeRequest(capturedRequest(this))
    return this.#description
  }

  get isStream(): boolean {
    return isEventStream(headerValue(this.headers, 'content-type'))
  }

  /** Whether the answer has to be decoded before it can be read: that is done when it is whole. */
  get isCoded(): boolean {
    return !/^(?:identity)?$/i.test(headerValue(this.headers, 'content-encoding')?.trim() ?? '')
  }

  get arrivals(): readonly Arrival[] {
    return this.#arrivals.arrivals().pieces
  }

  get measure(): ResponseMeasure | undefined {
    return this.#meter?.measure()
  }

  /** Whether the answer came to what its stream ends with; undefined where it is none, or its wire is not known. */
  get hasEndMarker(): boolean | undefined {
    const outcome = this.isStream ? this.measure?.outcome : null
    return outcome == null ? undefined : outcome !== 'truncated' && outcome !== 'stopped'
  }

  take(observation: ObservationOf<'request'> | ObservationOf<'head'> | ObservationOf<'chunk'>): void {
    switch (observation.type) {
      case 'request':
        this.held.request(observation.bytes)
        break
      case 'head':
        this.#begin(observation)
        break
      case 'chunk':
        this.held.chunk(observation)
        if (!this.isCoded) this.read(observation.bytes, observation.atMs)
    }
  }

  /** Reads what came of the answer, decoded. */
  read(bytes: Uint8Array, atMs: number): void {
    this.#meter?.feed(bytes, atMs)
    if (this.isStream && this.#arrivalCount++ < MAX_ARRIVALS) this.#arrivals.take(bytes, atMs)
  }

  /**
   * Nothing more comes. `failure`: what stands in the session of an answer that is an error, or of none.
   */
  end({ outcome, atMs }: ObservationOf<'end'>, failure: readonly AgentEvent[]): void {
    this.#meter?.end(END_REASON[outcome], atMs)
    this.#session ??= this.#options.openSession(this)
    // A wire that nobody knows: its messages as they are.
    if (this.isStream && !this.#hasEvents) {
      for (const chunk of this.held.chunks()) this.#session?.take(chunk.bytes, chunk.atMs)
    }
    for (const event of failure) this.#session?.take(event, atMs)
    this.#session?.end(outcome, atMs)
  }

  #begin(head: ObservationOf<'head'>): void {
    this.#head = head
    this.#session = this.#options.openSession(this)
    if (head.status >= 400) return
    const { wire } = this.description
    this.#meter = createResponseMeter({
      provider: wire && PROVIDERS[wire],
      contentType: headerValue(head.headers, 'content-type') ?? '',
      maxJsonBytes: this.#options.maxCallBytes,
      onDelta: (atMs, gapMs) => {
        if (gapMs === null) this.#options.onFirstToken(atMs)
        else if (this.gapsMs.length < MAX_GAPS) this.gapsMs.push(Math.round(gapMs * 1000) / 1000)
      },
      onEvent: (event, atMs) => {
        if (event.type === 'warning') return
        this.#hasEvents = true
        this.#session?.take(event, atMs)
      },
    })
  }
}
