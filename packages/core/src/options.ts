import type { ApplyPatch, Dialect, SseLimits } from '@agent-stream/protocol'
import type { InspectionEvent, Observer } from 'xstate'

import type { BatchOptions, Flush } from './batch.ts'
import type { Clock } from './clock.ts'
import type { RetryOptions } from './retry.ts'
import type { SyntheticDoneReport } from './synthetic-done.ts'

type HeaderSource = Readonly<Record<string, string>>

export interface AgentStreamClientOptions {
  /** Put before every endpoint that is not absolute. Default: none. */
  readonly baseUrl?: string
  /** Asked at each attempt, and once more on 401; sent as `Authorization: Bearer …`. */
  readonly getToken?: () => string | null | undefined | Promise<string | null | undefined>
  /** Added to every request; a function is asked at each attempt. */
  readonly headers?: HeaderSource | (() => HeaderSource | Promise<HeaderSource>)
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
  /** Default: the platform's. */
  readonly clock?: Clock
  /** Returns [0, 1), for the retries' jitter. Default `Math.random`. */
  readonly random?: () => number
  /** Default: adaptive, twice the mean gap of the last five tokens, 16 to 100 ms. */
  readonly batch?: BatchOptions
  readonly retry?: RetryOptions
  /**
   * Where a run's events can be asked for again; put after `baseUrl` unless absolute. Default: where the server's
   * `Content-Location` says, and for `resume()` `/runs/<runId>/events`.
   */
  readonly eventsUrl?: (runId: string) => string
  /** Origins besides that of the request from which `Content-Location` may have events asked for, with the token. */
  readonly eventsOrigins?: readonly string[]
  /** The longest wait for response headers, in milliseconds. Default 60,000. */
  readonly connectTimeoutMs?: number
  /** Silence that counts as a dropped connection where no heartbeats are known, in milliseconds. Default: none. */
  readonly idleTimeoutMs?: number
  /**
   * Other wires that responses may speak, each an entry of `@agent-stream/protocol/dialects`; the response tells which
   * it is. Default: none but this protocol's own.
   */
  readonly dialects?: Dialect | readonly Dialect[]
  /** Limits of one SSE message and of what is buffered. Default 16 Mi characters. */
  readonly limits?: SseLimits
  /**
   * Keeps the shared state up to date with `state_delta`: that of `@agent-stream/protocol/json-patch`. Default: the
   * listed dialects', or none, and the first such event is a warning.
   */
  readonly applyPatch?: ApplyPatch
  /** Told of each publication of the state. */
  readonly onFlush?: (flush: Flush) => void
  /** Told when a stream ended without `done`. */
  readonly onSyntheticDone?: (report: SyntheticDoneReport) => void
  /** Where such reports are posted as JSON, put after `baseUrl`. An absolute URL gets no token and no headers. Default: nowhere. */
  readonly reportUrl?: string
  /** An XState inspector for the client's actor. */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void)
}

/** What a run is asked for with, the same on every attempt. */
export interface StreamRequest {
  readonly url: string
  /** JSON text to post; `null` to follow the events of a run that there is already. */
  readonly body: string | null
  readonly idempotencyKey: string | undefined
}
