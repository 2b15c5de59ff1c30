import {
  AgentStreamError,
  EMPTY_RUN_STATE,
  type EndReason,
  endRun,
  type RunError,
  type RunState,
} from '@agent-stream/protocol'
import { assign, emit, fromCallback, raise, setup } from 'xstate'

import type { Clock } from './clock.ts'
import type { StreamRequest } from './options.ts'
import { type RetryLimits, retryDelayMs } from './retry.ts'

/** What the machine decides by. */
export interface LifecycleSettings {
  readonly retry: RetryLimits
  /** Milliseconds. */
  readonly connectTimeoutMs: number
  /** Milliseconds; `Infinity` for none. */
  readonly idleTimeoutMs: number
  readonly clock: Clock
  readonly random: () => number
}

/**
 * When bytes last came, and how long the server stays silent at most. Written by the connection chunk by
 * chunk, read by the watchdog when its time is up: a transition for each chunk would cost more than the chunk.
 */
export interface Pulse {
  lastByteMs: number
  heartbeatMs: number | undefined
}

export interface LifecycleContext {
  readonly settings: LifecycleSettings
  readonly request: StreamRequest | null
  /** The published state of the run. */
  readonly run: RunState
  /** What this attempt has published of it; `null` before its first event. */
  readonly attemptRun: RunState | null
  /** Requests made for this run. */
  readonly attempt: number
  /** Drops in a row without progress. */
  readonly failures: number
  /** The most events that any attempt got. */
  readonly furthest: number
  /** A tool has started, in whichever attempt. */
  readonly hasToolStarted: boolean
  /** The server's `retry:` field. */
  readonly retryFieldMs: number | undefined
  /** The last answer's `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number
  /** The wait before the next attempt, in milliseconds. */
  readonly delayMs: number
  /** What dropped the connection; `null` once there is a new one. */
  readonly dropError: RunError | null
  readonly pulse: Pulse
}

export type LifecycleEvent =
  | { readonly type: 'start'; readonly request: StreamRequest }
  | { readonly type: 'stop' }
  | { readonly type: 'detach' }
  | { readonly type: 'reset' }
  | ConnectionEvent

/** What the connection tells the machine. */
export type ConnectionEvent =
  /** Response headers of an event stream are here. */
  | { readonly type: 'opened' }
  /** The state to show. One with an outcome ends the run. */
  | { readonly type: 'flush'; readonly run: RunState }
  /** Bytes again after a silence, or a heartbeat interval became known. */
  | { readonly type: 'active' }
  | { readonly type: 'retryField'; readonly ms: number }
  /** The body ended. */
  | { readonly type: 'closed' }
  | { readonly type: 'dropped'; readonly error: AgentStreamError; readonly retryAfterMs?: number }
  /** What no retry would mend. */
  | { readonly type: 'rejected'; readonly error: AgentStreamError }

export interface ConnectionInput {
  readonly request: StreamRequest
  readonly isRepeat: boolean
  readonly pulse: Pulse
}

/** Emitted once for each run: it has ended. */
export interface LifecycleEnded {
  readonly type: 'ended'
  readonly status: EndStatus
  readonly context: LifecycleContext
}

/** How a run that nothing more happens to stands. */
export type EndStatus = 'done' | 'synthetic-done' | 'error' | 'stopped'

const STALLED_AFTER_MS = 60_000
/** A longer delay overflows the platforms' timers; the watchdog then only looks once more. */
const MAX_TIMER_MS = 2 ** 31 - 1
const MISSED_HEARTBEATS = 3

const NOTHING_YET = {
  request: null,
  run: EMPTY_RUN_STATE,
  attemptRun: null,
  attempt: 0,
  failures: 0,
  furthest: 0,
  hasToolStarted: false,
  retryFieldMs: undefined,
  retryAfterMs: 0,
  delayMs: 0,
  dropError: null,
  pulse: { lastByteMs: 0, heartbeatMs: undefined },
} satisfies Omit<LifecycleContext, 'settings'>

const endClosed = { type: 'end', params: { reason: 'closed' } } as const
const endStopped = { type: 'end', params: { reason: 'stopped' } } as const
const tellEnd = <S extends EndStatus>(status: S) => ({ type: 'tellEnd', params: { status } }) as const

/**
 * The life of a run: what starts, repeats, times out and ends it. It holds no I/O: `connection` is to be
 * provided (the client does), and so is the clock.
 */
export const lifecycle = setup({
  types: {
    context: {} as LifecycleContext,
    events: {} as LifecycleEvent,
    input: {} as LifecycleSettings,
    emitted: {} as LifecycleEnded,
  },
  actors: {
    connection: fromCallback<{ readonly type: 'none' }, ConnectionInput>(() => {
      throw new Error('lifecycle: provide a connection, lifecycle.provide({ actors: { connection } })')
    }),
  },
  delays: {
    connectTimeout: ({ context }) => Math.min(context.settings.connectTimeoutMs, MAX_TIMER_MS),
    backoff: ({ context }) => context.delayMs,
    watchdog: ({ context }) => {
      const silenceMs = silence(context)
      const deadlines = [STALLED_AFTER_MS, dropAfterMs(context)].filter((deadline) => deadline > silenceMs)
      return Math.min(Math.max(1, Math.min(...deadlines) - silenceMs), MAX_TIMER_MS)
    },
  },
  guards: {
    isRunning: ({ context }) => context.request !== null && context.run.outcome === null,
    isDead: ({ context }) => silence(context) >= dropAfterMs(context),
    isSilent: ({ context }) =>
      context.pulse.heartbeatMs === undefined && silence(context) >= STALLED_AFTER_MS,
    canRepeat: ({ context }) => mayRepeat(context) && context.failures <= context.settings.retry.attempts,
    isUnrepeatable: ({ context }) => !mayRepeat(context) && context.run.eventCount > 0,
    isErrorLast: ({ context }) => context.run.lastEventType === 'error',
  },
  actions: {
    clear: assign(NOTHING_YET),
    begin: assign((_, { request }: { request: StreamRequest }) => ({ ...NOTHING_YET, request })),
    connect: assign(({ context }) => ({
      attempt: context.attempt + 1,
      attemptRun: null,
      dropError: null,
      pulse: { lastByteMs: context.settings.clock.now(), heartbeatMs: undefined },
    })),
    publish: assign((_, { run }: { run: RunState }) => ({ run, attemptRun: run })),
    noteDrop: assign(({ context }, { error, retryAfterMs = 0 }: DropFacts) => {
      const { eventCount, tools } = context.attemptRun ?? EMPTY_RUN_STATE
      return {
        dropError: error,
        retryAfterMs,
        failures: eventCount > context.furthest ? 1 : context.failures + 1,
        furthest: Math.max(eventCount, context.furthest),
        hasToolStarted: context.hasToolStarted || tools.length > 0,
      }
    }),
    planRetry: assign(({ context: { settings, failures, retryFieldMs, retryAfterMs } }) => ({
      delayMs: Math.max(retryAfterMs, retryDelayMs(failures, settings.retry, settings.random, retryFieldMs)),
    })),
    end: assign(({ context }, { reason, error }: { reason: EndReason; error?: RunError | null }) => ({
      run: endRun(context.run, reason, error ?? undefined),
    })),
    tellEnd: emit(({ context }, { status }: { status: EndStatus }) => ({
      type: 'ended' as const,
      status,
      context,
    })),
    dropDead: raise(({ context }) => timedOut(`no bytes for ${dropAfterMs(context)} ms`)),
    dropUnanswered: raise(({ context }) =>
      timedOut(`no response headers within ${context.settings.connectTimeoutMs} ms`),
    ),
  },
}).createMachine({
  id: 'agentStream',
  context: ({ input }) => ({ ...NOTHING_YET, settings: input }),
  initial: 'idle',
  on: {
    start: [
      {
        guard: 'isRunning',
        target: '.streaming',
        reenter: true,
        actions: [endStopped, tellEnd('stopped'), { type: 'begin', params: ({ event }) => event }],
      },
      { target: '.streaming', actions: { type: 'begin', params: ({ event }) => event } },
    ],
    stop: { guard: 'isRunning', target: '.stopped', actions: endStopped },
    detach: { guard: 'isRunning', target: '.stopped', actions: endStopped },
    reset: [
      { guard: 'isRunning', target: '.idle', actions: [endStopped, tellEnd('stopped'), 'clear'] },
      { target: '.idle', actions: 'clear' },
    ],
  },
  states: {
    idle: {},
    streaming: {
      entry: 'connect',
      invoke: {
        src: 'connection',
        input: ({ context }) => ({
          // Only `start` leads here for the first time, and it brings the request.
          request: context.request as StreamRequest,
          isRepeat: context.attempt > 1,
          pulse: context.pulse,
        }),
      },
      on: {
        flush: [
          {
            guard: ({ event }) => event.run.outcome === null,
            actions: { type: 'publish', params: ({ event }) => event },
          },
          {
            guard: ({ event }) => event.run.outcome === 'failed',
            target: 'error',
            actions: { type: 'publish', params: ({ event }) => event },
          },
          { target: 'done', actions: { type: 'publish', params: ({ event }) => event } },
        ],
        retryField: { actions: assign({ retryFieldMs: ({ event }) => event.ms }) },
        closed: [
          { guard: 'isErrorLast', target: 'error', actions: endClosed },
          { target: 'synthetic-done', actions: endClosed },
        ],
        dropped: { target: 'dropped', actions: { type: 'noteDrop', params: ({ event }) => event } },
        rejected: {
          target: 'error',
          actions: { type: 'end', params: ({ event }) => ({ reason: 'failed', error: event.error }) },
        },
      },
      initial: 'connecting',
      states: {
        connecting: {
          on: { opened: 'open' },
          after: { connectTimeout: { actions: 'dropUnanswered' } },
        },
        open: {
          on: { active: '.flowing' },
          initial: 'flowing',
          states: {
            flowing: {
              after: {
                watchdog: [
                  { guard: 'isDead', actions: 'dropDead' },
                  { guard: 'isSilent', target: 'stalled' },
                  { target: 'flowing', reenter: true },
                ],
              },
            },
            stalled: {
              after: {
                watchdog: [
                  { guard: 'isDead', actions: 'dropDead' },
                  { target: 'stalled', reenter: true },
                ],
              },
            },
          },
        },
      },
    },
    // What a drop means is decided at once. A run that can be resumed will part ways here.
    dropped: {
      always: [
        { guard: 'canRepeat', target: 'retrying', actions: 'planRetry' },
        { guard: 'isUnrepeatable', target: 'synthetic-done', actions: endClosed },
        {
          target: 'error',
          actions: { type: 'end', params: ({ context }) => ({ reason: 'failed', error: context.dropError }) },
        },
      ],
    },
    retrying: { after: { backoff: 'streaming' } },
    done: { entry: tellEnd('done') },
    'synthetic-done': { entry: tellEnd('synthetic-done') },
    error: { entry: tellEnd('error') },
    stopped: { entry: tellEnd('stopped') },
  },
})

type DropFacts = { readonly error: RunError; readonly retryAfterMs?: number }

function silence({ settings, pulse }: LifecycleContext): number {
  return settings.clock.now() - pulse.lastByteMs
}

/** Heartbeats known: three of them missed. Else the idle timeout, if one is set. */
function dropAfterMs({ settings, pulse }: LifecycleContext): number {
  return pulse.heartbeatMs === undefined ? settings.idleTimeoutMs : MISSED_HEARTBEATS * pulse.heartbeatMs
}

function mayRepeat({ settings, hasToolStarted }: LifecycleContext): boolean {
  const { onDrop } = settings.retry
  return onDrop === 'restart' || (onDrop === 'restart-safe' && !hasToolStarted)
}

function timedOut(what: string): LifecycleEvent {
  return {
    type: 'dropped',
    error: new AgentStreamError('network_error', `Timed out: ${what}`, { retryable: true }),
  }
}
