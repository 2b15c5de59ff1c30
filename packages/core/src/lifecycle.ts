import {
  AgentStreamError,
  EMPTY_RUN_STATE,
  endRun,
  type RunError,
  type RunState,
} from '@agent-stream/protocol'
import { assign, createMachine, type EventObject, fromCallback } from 'xstate'

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
  /** Opens an attempt's connection, which sends `ConnectionEvent`s; returns what closes it. */
  readonly connect: (context: LifecycleContext, send: (event: ConnectionEvent) => void) => () => void
}

/**
 * When bytes last came, how long the server stays silent at most, and what has come so far. Written by the
 * connection chunk by chunk, read when a timer or the user ends the attempt: a transition for each chunk would cost
 * more than the chunk.
 */
export interface Pulse {
  lastByteMs: number
  heartbeatMs: number | undefined
  /** The attempt's state, published or not. */
  latest?: () => RunState
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
  /** The wait before the next attempt, in milliseconds. */
  readonly delayMs: number
  /** What dropped the connection; `null` once there is a new one. */
  readonly dropError: RunError | null
  readonly pulse: Pulse
  /** Nothing, not even a heartbeat, has come for 60 s. */
  readonly isStalled: boolean
}

export type LifecycleEvent =
  | { readonly type: 'start'; readonly request: StreamRequest }
  | { readonly type: 'stop' }
  | { readonly type: 'detach' }
  /** Forgets the run of this request. */
  | { readonly type: 'reset'; readonly request: StreamRequest | null }
  | ConnectionEvent

/** What the connection tells the machine. */
export type ConnectionEvent =
  /** Response headers are here. */
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

/** How a run that nothing more happens to stands. */
export type EndStatus = 'done' | 'synthetic-done' | 'error' | 'stopped'

/** Silence after which a stream without heartbeats is called stalled. */
export const STALLED_AFTER_MS = 60_000
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
  delayMs: 0,
  dropError: null,
  pulse: { lastByteMs: 0, heartbeatMs: undefined },
  isStalled: false,
} satisfies Omit<LifecycleContext, 'settings'>

/** An actor for as long as an attempt lasts: whatever ends it, a stop of the whole machine too, closes the connection. */
const connection = fromCallback<EventObject, LifecycleContext>(({ input, sendBack }) =>
  input.settings.connect(input, sendBack),
)

interface Args {
  readonly context: LifecycleContext
}

/**
 * The life of a run: what starts, repeats, times out and ends it. It holds no I/O: the connection and
 * the clock are provided with its input (by the client, or by a machine that invokes this one).
 */
export const lifecycle = createMachine(
  {
    id: 'agentStream',
    types: {} as {
      context: LifecycleContext
      events: LifecycleEvent
      input: LifecycleSettings
    },
    context: ({ input }) => ({ ...NOTHING_YET, settings: input }),
    initial: 'idle',
    on: {
      start: {
        target: '.streaming',
        reenter: true,
        actions: assign(({ event }) => ({ ...NOTHING_YET, request: event.request })),
      },
      stop: { guard: isRunning, target: '.stopped', actions: assign(stopped) },
      detach: { guard: isRunning, target: '.stopped', actions: assign(stopped) },
      // Not a run that was started since.
      reset: {
        guard: ({ context, event }) => event.request === context.request,
        target: '.idle',
        actions: assign(NOTHING_YET),
      },
    },
    states: {
      idle: {},
      streaming: {
        entry: assign(({ context }) => ({
          attempt: context.attempt + 1,
          attemptRun: null,
          dropError: null,
          pulse: { lastByteMs: context.settings.clock.now(), heartbeatMs: undefined },
        })),
        invoke: { src: connection, input: ({ context }) => context },
        on: {
          flush: { actions: assign(({ event: { run } }) => ({ run, attemptRun: run })) },
          retryField: { actions: assign({ retryFieldMs: ({ event }) => event.ms }) },
          closed: { actions: assign(({ context }) => ({ run: endRun(context.run, 'closed') })) },
          rejected: {
            actions: assign(({ context, event }) => ({ run: endRun(context.run, 'failed', event.error) })),
          },
          dropped: {
            actions: assign(({ context, event }) => afterDrop(context, event.error, event.retryAfterMs)),
          },
        },
        // Whatever ends the run or the connection only says so in the context; here it has its consequence.
        always: [
          { guard: ({ context }) => context.run.outcome === 'failed', target: 'error' },
          { guard: ({ context }) => context.run.outcome === 'truncated', target: 'synthetic-done' },
          { guard: ({ context }) => context.run.outcome !== null, target: 'done' },
          { guard: ({ context }) => context.dropError !== null, target: 'retrying' },
        ],
        initial: 'connecting',
        states: {
          connecting: {
            on: { opened: 'open' },
            after: { connectTimeout: { actions: assign(timedOut) } },
          },
          // Looks at the pulse when a silence may have become too long, and sleeps on for what is left of it.
          open: {
            entry: assign(({ context }) => ({ isStalled: isSilent(context) })),
            exit: assign({ isStalled: false }),
            on: { active: { target: 'open', reenter: true } },
            after: {
              watchdog: [
                { guard: isDead, actions: assign(timedOut) },
                { target: 'open', reenter: true },
              ],
            },
          },
        },
      },
      retrying: { after: { backoff: 'streaming' } },
      done: {},
      'synthetic-done': {},
      error: {},
      stopped: {},
    },
  },
  {
    delays: {
      connectTimeout: ({ context }) => context.settings.connectTimeoutMs,
      backoff: ({ context }) => context.delayMs,
      watchdog: ({ context }) => {
        const silenceMs = silence(context)
        const deadlines = [STALLED_AFTER_MS, dropAfterMs(context)]
        return Math.min(...deadlines.filter((deadline) => deadline > silenceMs)) - silenceMs
      },
    },
  },
)

function isRunning({ context }: Args): boolean {
  return context.request !== null && context.run.outcome === null
}

function isDead({ context }: Args): boolean {
  return silence(context) >= dropAfterMs(context)
}

function isSilent(context: LifecycleContext): boolean {
  return context.pulse.heartbeatMs === undefined && silence(context) >= STALLED_AFTER_MS
}

function stopped({ context }: Args): Partial<LifecycleContext> {
  return { run: endRun(withLatest(context).run, 'stopped') }
}

/** The context with what has come but is not published yet. An attempt without an event has nothing to show. */
function withLatest(context: LifecycleContext): LifecycleContext {
  const latest = context.pulse.latest?.()
  return latest && latest.eventCount > latest.warningCount
    ? { ...context, run: latest, attemptRun: latest }
    : context
}

/** A drop that only the clock noticed. */
function timedOut({ context }: Args): Partial<LifecycleContext> {
  const message = `The connection was lost: silent for ${Math.round(silence(context))} ms`
  const { run, attemptRun, ...now } = withLatest(context)
  const error = new AgentStreamError('network_error', message, { retryable: true })
  return { run, attemptRun, ...afterDrop({ ...now, run, attemptRun }, error) }
}

/**
 * What a drop leads to: a wait for the next attempt, or the run's end. Events that no attempt got before are
 * progress, and progress refills the budget.
 */
function afterDrop(context: LifecycleContext, error: RunError, retryAfterMs = 0): Partial<LifecycleContext> {
  const { settings, run, attemptRun, furthest, retryFieldMs } = context
  const { retry, random } = settings
  const { eventCount, warningCount, tools } = attemptRun ?? EMPTY_RUN_STATE
  const progress = eventCount - warningCount
  const failures = progress > furthest ? 1 : context.failures + 1
  const hasToolStarted = context.hasToolStarted || tools.length > 0
  const mayRepeat = retry.onDrop === 'restart' || (retry.onDrop === 'restart-safe' && !hasToolStarted)
  const next =
    mayRepeat && failures <= retry.attempts
      ? { delayMs: Math.max(retryAfterMs, retryDelayMs(failures, retry, random, retryFieldMs)) }
      : // What must not be repeated and has something to show is truncated.
        { run: mayRepeat || run.eventCount === 0 ? endRun(run, 'failed', error) : endRun(run, 'closed') }
  return { dropError: error, failures, furthest: Math.max(progress, furthest), hasToolStarted, ...next }
}

function silence({ settings, pulse }: LifecycleContext): number {
  return settings.clock.now() - pulse.lastByteMs
}

/** Heartbeats known: three of them missed. Else the idle timeout, if one is set. */
function dropAfterMs({ settings, pulse }: LifecycleContext): number {
  return pulse.heartbeatMs === undefined ? settings.idleTimeoutMs : MISSED_HEARTBEATS * pulse.heartbeatMs
}
