import { endRun } from '@agent-stream/protocol'
import { assign, createMachine, type EventObject, fromCallback } from 'xstate'

import { afterDrop, connectionLost } from './drop.ts'
import {
  type Args,
  type LifecycleContext,
  type LifecycleEvent,
  type LifecycleSettings,
  NOTHING_YET,
  withLatest,
} from './lifecycle-context.ts'
import { isRewound, isWorthAsking, mayResume, refetch } from './resume.ts'
import { dropAfterMs, isDead, isSilent, STALLED_AFTER_MS, silenceMs } from './silence.ts'

/** An actor for as long as an attempt lasts: whatever ends it, a stop of the whole machine too, closes the connection. */
const connection = fromCallback<EventObject, LifecycleContext>(({ input, sendBack }) =>
  input.settings.connect(input, sendBack),
)

/** An actor for as long as the next attempt is waited for. */
const waking = fromCallback<EventObject, LifecycleContext>(({ input, sendBack }) =>
  input.settings.onWake?.(() => sendBack({ type: 'wake' })),
)

/**
 * The life of a run: what starts, resumes, repeats, times out and ends it. It holds no I/O: the connection and
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
        actions: assign(({ event: { request } }) => ({
          ...NOTHING_YET,
          request,
          // To follow a run is to resume it from its beginning.
          ...(request.body === null && { eventsUrl: request.url, after: 0 }),
        })),
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
        entry: assign(begun),
        invoke: { src: connection, input: ({ context }) => context },
        on: {
          located: { actions: assign({ eventsUrl: ({ event }) => event.eventsUrl }) },
          flush: { actions: assign(({ event: { run } }) => ({ run, attemptRun: run })) },
          retryField: { actions: assign({ retryFieldMs: ({ event }) => event.ms }) },
          jumped: { guard: isWorthAsking, target: 'streaming', reenter: true, actions: assign(refetch) },
          closed: {
            actions: assign(({ context, event }) =>
              mayResume(context) && !event.isFinal
                ? afterDrop(context, connectionLost(': closed before the end'))
                : { run: endRun(context.run, 'closed') },
            ),
          },
          rejected: [
            { guard: isRewound, target: 'streaming', reenter: true, actions: assign({ after: 0 }) },
            {
              actions: assign(({ context, event }) => ({ run: endRun(context.run, 'failed', event.error) })),
            },
          ],
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
      retrying: {
        invoke: { src: waking, input: ({ context }) => context },
        on: { wake: { guard: ({ context }) => context.mayWake, target: 'streaming' } },
        after: { backoff: 'streaming' },
      },
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
        const silentMs = silenceMs(context)
        const stalledMs = silentMs < STALLED_AFTER_MS ? STALLED_AFTER_MS : Infinity
        return Math.min(stalledMs, dropAfterMs(context)) - silentMs
      },
    },
  },
)

/** The run has neither ended nor been ended. */
export function isRunning({ context }: Pick<Args, 'context'>): boolean {
  return context.request !== null && context.run.outcome === null
}

/** An attempt goes on with what there is, or begins from nothing. */
function begun({ context }: Args): Partial<LifecycleContext> {
  const { attempt, after, attemptRun, pulse, eventsUrl, settings } = context
  const nowMs = settings.clock.now()
  return {
    attempt: attempt + 1,
    dropError: null,
    attemptRun: after ? attemptRun : null,
    pulse: { ...(after ? pulse : NOTHING_YET.pulse), sinceMs: nowMs, lastByteMs: nowMs },
    // Another request may make another run.
    eventsUrl: after === null ? null : eventsUrl,
  }
}

function stopped({ context, event }: Args<LifecycleEvent>): Partial<LifecycleContext> {
  return { run: endRun(withLatest(context).run, 'stopped'), isDetached: event.type === 'detach' }
}

/** A drop that only the clock noticed. */
function timedOut({ context }: Args): Partial<LifecycleContext> {
  const latest = withLatest(context, true)
  const error = connectionLost(`: silent for ${Math.round(silenceMs(context))} ms`)
  return { ...latest, ...afterDrop(latest, error) }
}
