import {
  type AgentStreamError,
  EMPTY_RUN_STATE,
  type Fold,
  type RunError,
  type RunState,
} from '@agent-stream/protocol'

import type { Clock } from './clock.ts'
import type { StreamRequest } from './options.ts'
import type { RetryLimits } from './retry.ts'

/** What the machine decides by. */
export interface LifecycleSettings {
  readonly retry: RetryLimits
  /** Milliseconds. */
  readonly connectTimeoutMs: number
  /** Milliseconds; `Infinity` for none. */
  readonly idleTimeoutMs: number
  readonly clock: Clock
  readonly random: () => number
  /** Opens an attempt's connection, which sends `ConnectionEvent`s; returns what closes it. */
  readonly connect: (context: LifecycleContext, send: (event: ConnectionEvent) => void) => () => void
  /** Calls back whenever there is reason to believe in the network again; returns what ends that. */
  readonly onWake?: (wake: () => void) => () => void
}

/**
 * When bytes last came, how long the server stays silent at most, and what has come so far. Written by the
 * connection chunk by chunk, read when a timer or the user ends the attempt: a transition for each chunk would cost
 * more than the chunk.
 */
export interface Pulse {
  /** When the attempt began. */
  readonly sinceMs: number
  lastByteMs: number
  heartbeatMs: number | undefined
  /** The server has said so itself: it is not to be learnt from comments. */
  isHeartbeatAnnounced?: boolean
  /** What has come, published or not. An attempt that resumes goes on with it. */
  fold?: Fold
  /** Its state, with what the connection still holds back; `isOver` adds what the end of the response says. */
  latest?: (isOver?: boolean) => RunState
  /** The response is in another dialect: its messages have no numbers to go on from. */
  isForeign?: boolean
  /** A tool has started, shown or taken back since. */
  hasToolStarted?: boolean
  /** When the announced end of the run counts, unless more messages come. */
  endsMs?: number | undefined
}

export interface LifecycleContext {
  readonly settings: LifecycleSettings
  readonly request: StreamRequest | null
  /** The published state of the run. */
  readonly run: RunState
  /** What has been published of it since it was last begun from its first event; `null` before that. */
  readonly attemptRun: RunState | null
  /** Where the run's events can be asked for again; `null` while that is not known. */
  readonly eventsUrl: string | null
  /** The last event that the attempt need not bring again, 0 for none; `null` if it makes the request itself. */
  readonly after: number | null
  /** The last event before a jump of the numbers that has been asked about once. */
  readonly jumpAfter: number | null
  /** Requests made for this run. */
  readonly attempt: number
  /** Drops in a row without progress. */
  readonly failures: number
  /** When the first of them was. */
  readonly lostAtMs: number
  /** The most events that any attempt got. */
  readonly furthest: number
  /** A tool has started, in whichever attempt. */
  readonly hasToolStarted: boolean
  /** The server's `retry:` field. */
  readonly retryFieldMs: number | undefined
  /** The wait before the next attempt, in milliseconds. */
  readonly delayMs: number
  /** The wait may be cut short: the run resumes, and the server did not ask for the wait. */
  readonly mayWake: boolean
  /** What dropped the connection; `null` once there is a new one. */
  readonly dropError: RunError | null
  readonly pulse: Pulse
  /** Nothing, not even a heartbeat, has come for 60 s. */
  readonly isStalled: boolean
  /** The watching was ended, not the run. */
  readonly isDetached: boolean
}

export type LifecycleEvent =
  | { readonly type: 'start'; readonly request: StreamRequest }
  | { readonly type: 'stop' }
  | { readonly type: 'detach' }
  /** Forgets the run of this request. */
  | { readonly type: 'reset'; readonly request: StreamRequest | null }
  /** The network may be back. */
  | { readonly type: 'wake' }
  | ConnectionEvent

/** What the connection tells the machine. */
export type ConnectionEvent =
  /** Where the run's events can be asked for again. */
  | { readonly type: 'located'; readonly eventsUrl: string }
  /** Response headers are here. */
  | { readonly type: 'opened' }
  /** The state to show. One with an outcome ends the run. */
  | { readonly type: 'flush'; readonly run: RunState }
  /** Bytes again after a silence, or the silence that counts as a drop became another. */
  | { readonly type: 'active' }
  | { readonly type: 'retryField'; readonly ms: number }
  /** The next event is not the one after the last: it is not folded if that makes the machine ask again. */
  | { readonly type: 'jumped' }
  /** The body ended. `isFinal`: the server says that nothing more will come. */
  | { readonly type: 'closed'; readonly isFinal?: boolean }
  | { readonly type: 'dropped'; readonly error: AgentStreamError; readonly retryAfterMs?: number }
  /** What no retry would mend. */
  | { readonly type: 'rejected'; readonly error: AgentStreamError }

/** How a run that nothing more happens to stands. */
export type EndStatus = 'done' | 'synthetic-done' | 'error' | 'stopped'

export const NOTHING_YET = {
  request: null,
  run: EMPTY_RUN_STATE,
  attemptRun: null,
  eventsUrl: null,
  after: null,
  jumpAfter: null,
  attempt: 0,
  failures: 0,
  lostAtMs: 0,
  furthest: 0,
  hasToolStarted: false,
  retryFieldMs: undefined,
  delayMs: 0,
  mayWake: false,
  dropError: null,
  pulse: { sinceMs: 0, lastByteMs: 0, heartbeatMs: undefined },
  isStalled: false,
  isDetached: false,
} satisfies Omit<LifecycleContext, 'settings'>

/** What a guard or an action is given. */
export interface Args<E = unknown> {
  readonly context: LifecycleContext
  readonly event: E
}

/** The context with what has come but is not published yet. An attempt without an event has nothing to show. */
export function withLatest(context: LifecycleContext, isOver?: boolean): LifecycleContext {
  const latest = context.pulse.latest?.(isOver)
  return latest && latest.eventCount > latest.warningCount
    ? { ...context, run: latest, attemptRun: latest }
    : context
}
