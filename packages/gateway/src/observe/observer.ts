import {
  bodyBytes,
  createRequestScrubbers,
  decodeExchange,
  decompress,
  type Exchange,
  scrubExchange,
} from '@agent-stream/cassette'
import { costOf, type PriceList, type PriceTable, selectPrices } from '@agent-stream/cassette/prices'
import type { Scrubber, ScrubOptions } from '@agent-stream/protocol/scrub'
import type { OpenRecording } from '@agent-stream/server'

import { createCallMetrics } from '../export/call-metrics.ts'
import { headerValue } from '../proxy/raw-headers.ts'
import { createByteBudget } from './byte-budget.ts'
import { apiErrorOf, type CallFailure, failureEvents } from './call-failure.ts'
import { CallObserver } from './call-observer.ts'
import type { CallReport } from './call-report.ts'
import { capturedRequest, exchangeOf } from './exchange-of-call.ts'
import type { Observation, ObservationOf } from './observation.ts'
import { unpackObservations } from './observation-batch.ts'
import type { FromObserver, ToObserver } from './observer-port.ts'
import type { HeldChunk } from './packed-chunks.ts'
import { Recording, type RecordingOptions, type RecordingWorld } from './recording.ts'
import { NOT_RECORDING } from './recording-status.ts'
import { reportOf } from './report-of-call.ts'

export interface ObserverOptions {
  /** Absent: calls are measured only. */
  readonly recording?: RecordingOptions
  readonly scrub: ScrubOptions
  /** What is held of one call, in bytes; of a larger one the rest is not recorded. */
  readonly maxCallBytes: number
  /** What is held of all calls together, in bytes. */
  readonly maxHeldBytes: number
  /** Whether reports have what was asked and answered. */
  readonly isExcerptKept: boolean
  readonly prices: PriceTable
  /** Gaps between outputs in a report, at most. */
  readonly maxGaps: number
}

/** Reads, measures and records the calls that it is told of. */
export interface Observer {
  take(message: ToObserver): void
}

const STATUS_MS = 500
const EXCERPT_CHARS = 4000

/** `post` is given what there is to say. Nothing that calls hold makes it throw. */
export function createObserver(
  options: ObserverOptions,
  post: (message: FromObserver) => void,
  world: RecordingWorld = {},
): Observer {
  const observer = new CallsObserver(options, post, world)
  return { take: (message) => observer.take(message) }
}

class CallsObserver {
  readonly #options: ObserverOptions
  readonly #post: (message: FromObserver) => void
  readonly #recording: Recording | undefined
  readonly #budget
  readonly #prices: PriceList
  readonly #metrics = createCallMetrics()
  readonly #scrubberFor: ReturnType<typeof createRequestScrubbers>
  readonly #scrubbers = new WeakMap<CallObserver, Scrubber>()
  readonly #calls = new Map<string, CallObserver>()
  /** Calls that are over, and not yet reported. */
  readonly #ending = new Set<Promise<void>>()
  readonly #statusTimer: NodeJS.Timeout | undefined
  #lastStatus = ''

  constructor(options: ObserverOptions, post: (message: FromObserver) => void, world: RecordingWorld) {
    this.#options = options
    this.#post = post
    this.#budget = createByteBudget(options.maxHeldBytes)
    this.#prices = selectPrices(options.prices)
    this.#scrubberFor = createRequestScrubbers(options.scrub)
    if (!options.recording) return
    this.#recording = new Recording(options.recording, world)
    this.#statusTimer = setInterval(() => this.#sayStatus(), STATUS_MS).unref()
    this.#sayStatus()
  }

  take(message: ToObserver): void {
    switch (message.type) {
      case 'observations':
        for (const observation of unpackObservations(message.packed)) this.#observe(observation)
        this.#post({ type: 'taken', bytes: message.packed.weight })
        return
      case 'metrics':
        void this.#metrics
          .text()
          .then((text) => this.#post({ type: 'metrics', request: message.request, text }))
        return
      case 'close':
        void this.#close(message.drainMs)
    }
  }

  #observe(observation: Observation): void {
    if (observation.type === 'open') {
      this.#calls.set(observation.call, this.#newCall(observation))
      return
    }
    const call = this.#calls.get(observation.call)
    // Of a call that began before this observer did, there is none.
    if (observation.type !== 'end') call?.take(observation)
    else if (call) this.#ended(call, observation)
  }

  #ended(call: CallObserver, observation: ObservationOf<'end'>): void {
    this.#calls.delete(observation.call)
    const ending = this.#end(call, observation).finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  #newCall(open: ObservationOf<'open'>): CallObserver {
    const { maxCallBytes } = this.#options
    return new CallObserver(open, {
      budget: this.#budget,
      maxCallBytes,
      onFirstToken: (ttftMs) => this.#post({ type: 'first_token', call: open.call, ttftMs }),
      openSession: (call) => this.#openSession(call),
    })
  }

  #openSession(call: CallObserver): OpenRecording | undefined {
    if (!this.#recording || call.open.recording !== 'on') return undefined
    const { call: id, startedAt, target, method } = call.open
    const { pathname } = new URL(call.open.url)
    const { wire, model } = call.description
    const requestId = headerValue(call.headers, 'x-request-id') ?? headerValue(call.headers, 'request-id')
    const metadata = {
      call: id,
      target,
      method,
      path: pathname,
      ...(call.head && { status: call.head.status }),
      ...(wire !== null && { provider: wire }),
      ...(model !== null && { model }),
      ...(requestId !== undefined && { request_id: requestId }),
    }
    return this.#recording.openSession({ metadata, startedAt, scrubber: this.#scrubberOf(call) })
  }

  /** One for a call: it knows the secrets of just this request. */
  #scrubberOf(call: CallObserver): Scrubber {
    const known = this.#scrubbers.get(call)
    if (known) return known
    const scrubber = this.#scrubberFor(capturedRequest(call))
    this.#scrubbers.set(call, scrubber)
    return scrubber
  }

  async #end(call: CallObserver, end: ObservationOf<'end'>): Promise<void> {
    const chunks = await readableChunks(call)
    const scrubber = this.#scrubberOf(call)
    const apiError = apiErrorOf(call.head?.status ?? 0, chunks ?? [], scrubber)
    const failure = apiError ?? failureOf(end)
    call.end(end, failure ? failureEvents(failure) : [])
    const exchange = exchangeOf(call, end, chunks ?? [])
    const report = reportOf({
      call,
      end,
      scrubber,
      apiError,
      costUsd: this.#costOf(call, exchange.startedAt),
      recording: this.#record(call, exchange, chunks !== undefined && !end.isRequestCut),
      excerpt: this.#options.isExcerptKept ? excerptOf(scrubExchange(exchange, scrubber)) : undefined,
      maxGaps: this.#options.maxGaps,
    })
    this.#metrics.add(report)
    this.#post({ type: 'report', report })
  }

  /** Hands the call to the disk, if it is to be recorded. Its bytes are held until they are written. */
  #record(call: CallObserver, exchange: Exchange, isUsable: boolean): CallReport['recording'] {
    const { recording } = call.open
    const isKept = this.#recording !== undefined && recording === 'on'
    // By a request that is not whole nobody finds a recording.
    if (!isKept || !isUsable || call.held.isRequestCut) {
      call.held.release()
      if (isKept) this.#recording?.drop()
      return isKept ? 'dropped' : recording
    }
    const metadata = { call: call.open.call, target: call.open.target }
    const scrubber = this.#scrubberOf(call)
    this.#recording?.write(exchange, { metadata, scrubber }, () => call.held.release())
    return exchange.end.type === 'truncated' && exchange.end.reason === 'too_large' ? 'cut' : 'on'
  }

  /** By list prices, which are in US dollars, or the operator's own. */
  #costOf({ measure, description }: CallObserver, startedAt: string): number | undefined {
    if (!measure?.usage) return undefined
    const price = this.#prices.find(measure.model ?? description.model ?? '', startedAt)
    const cost = price && costOf(measure.usage, price)
    return cost?.currency === 'USD' ? cost.total : undefined
  }

  #sayStatus(): void {
    const status = this.#recording?.status ?? NOT_RECORDING
    const text = JSON.stringify(status)
    if (text === this.#lastStatus) return
    this.#lastStatus = text
    this.#post({ type: 'recording', status })
  }

  async #close(drainMs: number): Promise<void> {
    clearInterval(this.#statusTimer)
    await Promise.all(this.#ending)
    await this.#recording?.close(drainMs)
    this.#sayStatus()
    this.#post({ type: 'closed' })
  }
}

/** The answer's bytes without their coding; undefined where that is not known, or they are damaged. */
async function readableChunks(call: CallObserver): Promise<readonly HeldChunk[] | undefined> {
  const chunks = call.held.chunks()
  if (!call.isCoded) return chunks
  try {
    const decoded = await decompress(chunks, headerValue(call.headers, 'content-encoding') ?? '')
    for (const { bytes, atMs } of decoded) call.read(bytes, atMs)
    return decoded
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Of an API that gave no answer, or half of one. */
function failureOf({ outcome, code, message = '' }: ObservationOf<'end'>): CallFailure | undefined {
  return outcome === 'error' ? { type: code ?? outcome, message } : undefined
}

function excerptOf(exchange: Exchange): CallReport['excerpt'] {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, 4 * EXCERPT_CHARS))
  const response = answerText(exchange) || text(bodyBytes(exchange))
  return {
    request: text(exchange.request.body).slice(0, EXCERPT_CHARS),
    response: response.slice(0, EXCERPT_CHARS),
  }
}

function answerText(exchange: Exchange): string {
  try {
    return decodeExchange(exchange).text
  } catch {
    // Not a model's answer: what it is, is shown as it came.
    return ''
  }
}
