import type { CallReport } from '../observe/call-report.ts'
import type { RecordingStatus } from '../observe/recording-status.ts'
import type { BufferingHop } from './hop-watch.ts'
import { type Quantiles, quantilesOf } from './quantiles.ts'

/** Beyond these, streaming is called degraded. */
export interface HealthThresholds {
  /** The mean time to the first token, in milliseconds. Default 2,000. */
  readonly maxMeanTtftMs?: number
  /** The share of calls that failed or were cut off, from 0 to 1. Default 0.1. */
  readonly maxFailedShare?: number
  /** Fewer calls than these say nothing of shares and means. Default 3. */
  readonly minCalls?: number
  /** The 99th percentile of the event loop's delay, in milliseconds. Default 250. */
  readonly maxEventLoopDelayMs?: number
}

export interface HealthInput {
  /** Of the last `windowMs`. */
  readonly calls: readonly CallReport[]
  readonly windowMs: number
  readonly callsInFlight: number
  readonly recording: RecordingStatus
  /** What is wrong with whoever measures and records. */
  readonly observerProblem: string | undefined
  readonly hops: readonly BufferingHop[]
  readonly eventLoopDelayMs: Quantiles | undefined
  readonly isDraining: boolean
}

export interface Health {
  /** `draining`: it ends, and takes no more calls. No calls at all are no fault. */
  readonly status: 'healthy' | 'degraded' | 'draining'
  /** Why it is not healthy, a sentence each. */
  readonly reasons: readonly string[]
  readonly calls_in_flight: number
  readonly window_s: number
  readonly calls: number
  readonly streaming_calls: number
  readonly failed_calls: number
  readonly avg_ttft_ms: number | null
  readonly ttft_ms: Quantiles | null
  readonly token_gap_ms: Quantiles | null
  readonly event_loop_delay_ms: Quantiles | null
  readonly recording: RecordingStatus
  readonly buffering: readonly BufferingHop[]
}

/** More gaps are not needed for their quantiles. */
const MAX_GAPS = 20_000

export function healthOf(input: HealthInput, thresholds: HealthThresholds = {}): Health {
  const { calls, windowMs, callsInFlight, recording, hops, eventLoopDelayMs, isDraining } = input
  const ttfts = calls.flatMap(({ ttftMs }) => ttftMs ?? [])
  const failed = calls.filter(hasFailed).length
  const meanTtftMs = ttfts.length > 0 ? ttfts.reduce((a, b) => a + b, 0) / ttfts.length : undefined
  const reasons = reasonsOf(input, { meanTtftMs, ttfts: ttfts.length, failed }, thresholds)
  return {
    status: isDraining ? 'draining' : reasons.length > 0 ? 'degraded' : 'healthy',
    reasons,
    calls_in_flight: callsInFlight,
    window_s: windowMs / 1000,
    calls: calls.length,
    streaming_calls: calls.filter(({ isStream }) => isStream).length,
    failed_calls: failed,
    avg_ttft_ms: meanTtftMs === undefined ? null : Math.round(meanTtftMs),
    ttft_ms: quantilesOf(ttfts) ?? null,
    token_gap_ms: quantilesOf(calls.flatMap(({ gapsMs }) => gapsMs).slice(-MAX_GAPS)) ?? null,
    event_loop_delay_ms: eventLoopDelayMs ?? null,
    recording,
    buffering: hops,
  }
}

interface Figures {
  readonly meanTtftMs: number | undefined
  readonly ttfts: number
  readonly failed: number
}

function reasonsOf(input: HealthInput, figures: Figures, thresholds: HealthThresholds): readonly string[] {
  const { maxMeanTtftMs = 2000, maxFailedShare = 0.1, minCalls = 3, maxEventLoopDelayMs = 250 } = thresholds
  const { calls, recording, observerProblem, hops, eventLoopDelayMs } = input
  const { meanTtftMs = 0, ttfts, failed } = figures
  const reasons: (string | false | undefined)[] = [
    ttfts >= minCalls &&
      meanTtftMs > maxMeanTtftMs &&
      `the first token takes ${Math.round(meanTtftMs)} ms on average; ${maxMeanTtftMs} are allowed`,
    calls.length >= minCalls &&
      failed / calls.length > maxFailedShare &&
      `${failed} of ${calls.length} calls failed or were cut off`,
    (eventLoopDelayMs?.p99 ?? 0) > maxEventLoopDelayMs &&
      `the gateway's event loop is late by ${Math.round(eventLoopDelayMs?.p99 ?? 0)} ms (99th percentile)`,
    observerProblem,
    ...recording.problems,
    ...hops.map(hopReason),
  ]
  return reasons.filter((reason) => typeof reason === 'string')
}

function hopReason({ hop, target, because, advice }: BufferingHop): string {
  const where =
    hop === 'upstream' ? `between the gateway and ${target}` : 'between the clients and the gateway'
  return [`something ${where} holds streams back: ${because}`, ...advice.slice(0, 1)].join('; ')
}

/** Through no fault of the client's. */
function hasFailed({ outcome, status = 0 }: CallReport): boolean {
  return (
    outcome === 'failed' ||
    outcome === 'truncated' ||
    (outcome === 'refused' && (status < 400 || status >= 500))
  )
}
