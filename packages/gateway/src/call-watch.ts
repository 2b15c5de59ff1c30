import type { Clock } from '@agent-stream/server'

import { createCallWindow } from './calls/call-window.ts'
import { type Health, healthOf } from './calls/health.ts'
import { createHopWatch } from './calls/hop-watch.ts'
import { createInFlight, type InFlightCall } from './calls/in-flight.ts'
import { watchEventLoopDelay } from './event-loop-delay.ts'
import { gatewayMetrics } from './export/gateway-metrics.ts'
import { loadOpenTelemetry, type OpenTelemetryExport, openTelemetryExport } from './export/open-telemetry.ts'
import type { GatewayOptions } from './gateway-options.ts'
import type { CallReport } from './observe/call-report.ts'
import { createCallTap } from './observe/call-tap.ts'
import type { RecordingChoice } from './observe/observation.ts'
import { ObservationFeed } from './observe/observation-feed.ts'
import type { FromObserver, StartObserver } from './observe/observer-port.ts'
import { NOT_RECORDING } from './observe/recording-status.ts'
import { createProbes } from './pages/probes.ts'
import type { CallRequest, CallTap } from './proxy/call.ts'
import { headerValue } from './proxy/raw-headers.ts'
import { PROBE_HEADER, RECORD_HEADER, type ReceivedRequest } from './proxy/switchboard.ts'

export interface CallWatchOptions {
  readonly gateway: GatewayOptions
  readonly clock: Clock
  /** The system's time, in milliseconds. */
  readonly now: () => number
  readonly random: () => number
  readonly startObserver: StartObserver
}

/** What the observer may lag behind, in bytes; and calls that are remembered. */
const MAX_WAITING_BYTES = 2 ** 26
const MAX_CALLS = 2000
const METRICS_MS = 2000

/** All that looks at calls, and does nothing to them. */
export class CallWatch {
  readonly probes
  readonly #options: CallWatchOptions
  readonly #feed: ObservationFeed
  readonly #inFlight
  readonly #window
  readonly #hops = createHopWatch()
  readonly #eventLoop = watchEventLoopDelay()
  readonly #asked = new Map<number, (text: string) => void>()
  #requests = 0
  #recording = NOT_RECORDING
  #export: OpenTelemetryExport | undefined
  #isDraining = false

  constructor(options: CallWatchOptions) {
    const { clock, gateway, startObserver: start } = options
    this.#options = options
    this.probes = createProbes(this.#hops, clock)
    this.#inFlight = createInFlight(clock)
    const windowMs = gateway.windowMs ?? WINDOW_MS
    this.#window = createCallWindow({ now: () => clock.now(), windowMs, maxCalls: MAX_CALLS })
    const onMessage = (message: FromObserver) => this.#hear(message)
    this.#feed = new ObservationFeed({ start, clock, maxWaitingBytes: MAX_WAITING_BYTES, onMessage })
    void loadOpenTelemetry().then((api) => {
      this.#export = api && openTelemetryExport(api)
    })
  }

  /** What looks at this call. */
  tapFor(request: CallRequest, received: ReceivedRequest): CallTap {
    const { id, target, method, path, headers } = request
    const startedAt = new Date(this.#options.now()).toISOString()
    const probe = headerValue(received.headers, PROBE_HEADER)
    this.#inFlight.add(request, startedAt)
    this.#feed.say({
      type: 'open',
      call: id,
      startedAt,
      target: target.name,
      method,
      url: target.origin + path,
      headers,
      recording: this.#choice(received),
      isHttp10: received.httpVersion === '1.0',
      ...(probe !== undefined && /^[\w-]{1,64}$/.test(probe) && { probe }),
    })
    const tap = createCallTap(id, this.#feed, this.#options.clock)
    return {
      ...tap,
      end: (end) => {
        this.#inFlight.remove(id)
        tap.end(end)
      },
    }
  }

  health(): Health {
    const { gateway } = this.#options
    return healthOf(
      {
        calls: this.#window.recent(),
        windowMs: gateway.windowMs ?? WINDOW_MS,
        callsInFlight: this.#inFlight.count,
        recording: this.#recording,
        observerProblem: this.#feed.status.problem,
        hops: this.#hops.hops(),
        eventLoopDelayMs: this.#eventLoop.quantiles(),
        isDraining: this.#isDraining,
      },
      gateway.thresholds,
    )
  }

  /** In Prometheus' text format; without the calls' figures if their observer does not answer. */
  async metrics(upstreamConnections: number): Promise<string> {
    const { problem, droppedBytes } = this.#feed.status
    const own = await gatewayMetrics({
      callsInFlight: this.#inFlight.count,
      upstreamConnections,
      recording: this.#recording,
      droppedBytes,
      isObserved: problem === undefined,
      eventLoopDelayMs: this.#eventLoop.quantiles(),
    })
    return own + (await this.#callMetrics())
  }

  inFlight(): readonly InFlightCall[] {
    return this.#inFlight.list()
  }

  lastCalls(count: number): readonly CallReport[] {
    return this.#window.last(count)
  }

  drain(): void {
    this.#isDraining = true
  }

  async close(drainMs: number): Promise<void> {
    this.#eventLoop.stop()
    await this.#feed.close(drainMs)
  }

  #choice({ headers }: ReceivedRequest): RecordingChoice {
    const { record } = this.#options.gateway
    if (!record) return 'off'
    if (headerValue(headers, RECORD_HEADER)?.trim().toLowerCase() === 'off') return 'opted_out'
    return this.#options.random() < (record.sampleRate ?? 1) ? 'on' : 'sampled_out'
  }

  #hear(message: FromObserver): void {
    switch (message.type) {
      case 'report':
        this.#ended(message.report)
        break
      case 'first_token':
        this.#inFlight.firstToken(message.call, message.ttftMs)
        break
      case 'recording':
        this.#recording = message.status
        break
      case 'metrics':
        this.#asked.get(message.request)?.(message.text)
    }
  }

  #ended(report: CallReport): void {
    this.#window.add(report)
    this.#hops.add(report)
    this.probes.add(report)
    this.#export?.add(report)
    this.#options.gateway.onCall?.(report)
  }

  #callMetrics(): Promise<string> {
    const { clock } = this.#options
    const request = ++this.#requests
    return new Promise((resolve) => {
      const answer = (text: string) => {
        clock.clearTimeout(timer)
        this.#asked.delete(request)
        resolve(text)
      }
      const timer = clock.setTimeout(() => answer(''), METRICS_MS)
      this.#asked.set(request, answer)
      this.#feed.ask(request)
    })
  }
}

const WINDOW_MS = 300_000
