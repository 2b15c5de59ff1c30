import { type ActorRefFrom, createActor } from 'xstate'

// XState stands before the protocol: bundlers keep the order, and gzip looks 32 KB back. With XState's 36 KB
// between the protocol and this package, what the two share would be paid twice (0.13 KB).

import {
  AgentStreamError,
  type DoneEvent,
  decodePayload,
  EMPTY_RUN_STATE,
  endRun,
  type Outcome,
  payloadOf,
  RUN_FAILED,
  type RunError,
  type RunState,
} from '@agent-stream/protocol'

import { type AttemptOwner, openAttempt } from './attempt.ts'
import { type AgentStreamCallbacks, type DonePayload, notify } from './callbacks.ts'
import { systemClock } from './clock.ts'
import { isRunning, lifecycle } from './lifecycle.ts'
import type { EndStatus } from './lifecycle-context.ts'
import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import { createRequest, createResumption } from './request.ts'
import { retryLimits } from './retry.ts'
import { callRun, type RunVerb } from './run-call.ts'
import { type ClientSnapshot, createSnapshotSelector, type LifecycleSnapshot } from './snapshot.ts'
import { postReport, type SyntheticDoneReport, syntheticDoneReport } from './synthetic-done.ts'
import { onWake } from './wake.ts'

/** How a run ended. */
export interface StreamResult {
  readonly status: EndStatus
  readonly outcome: Outcome
  /** The agent's last error, or what ended the run in status `error`. */
  readonly error: RunError | null
}

interface Run extends AttemptOwner {
  readonly settle: (result: StreamResult) => void
  readonly fail: (cause: unknown) => void
}

/**
 * One agent stream at a time, from request to end: a store of its state, and the calls that start and stop it.
 * Works without a framework; the bindings only subscribe. Methods may be detached from the object.
 */
export class AgentStreamClient {
  /** The lifecycle's XState actor, for inspection and composition. Its events are the client's to send. */
  readonly actor: ActorRefFrom<typeof lifecycle>
  /** The client's view of an actor snapshot; the same object until something visible has changed. */
  readonly select: (snapshot: LifecycleSnapshot) => ClientSnapshot = createSnapshotSelector()

  #options: AgentStreamClientOptions
  /** By their requests, in the order of their start, those that have not been told of their end. */
  readonly #runs = new Map<StreamRequest | null, Run>()
  /** What broke the actor. */
  #cause: unknown

  constructor(options: AgentStreamClientOptions = {}) {
    this.#options = options
    const {
      clock = systemClock,
      random = Math.random,
      retry,
      connectTimeoutMs = 60_000,
      idleTimeoutMs = Infinity,
    } = options
    this.actor = createActor(lifecycle, {
      clock,
      ...(options.inspect && { inspect: options.inspect }),
      input: {
        retry: retryLimits(retry),
        connectTimeoutMs,
        idleTimeoutMs,
        clock,
        random,
        connect: (context, send) => {
          const run = this.#runs.get(context.request) ?? { callbacks: {} }
          return openAttempt({ ...this.#options, clock }, context, run, send)
        },
        onWake,
      },
    })
    this.actor.subscribe({
      next: (snapshot) => this.#observe(snapshot),
      error: (cause) => this.#break(cause),
    })
    this.actor.start()
  }

  /**
   * Requests a stream (POST, JSON body) and reads it to its end: after a drop it resumes the run, or repeats the
   * request where that is safe. A run that is going on is stopped first. Resolves when the run has ended, in whichever
   * way; rejects with `TypeError` when called wrongly.
   */
  start = async (endpoint: string, body?: unknown, callbacks?: AgentStreamCallbacks): Promise<StreamResult> =>
    this.#begin(createRequest(this.#options, endpoint, body), this.stop, callbacks)

  /**
   * Follows a run that there is already, from its first event: after a reload, or on another device. It ends like one
   * of `start()`; what was watched before goes on without this client. `eventsUrl` is where the run's events are, if
   * not where the options say; it must be of the same origin, or one of `eventsOrigins`.
   */
  resume = async (
    runId: string,
    callbacks?: AgentStreamCallbacks,
    eventsUrl?: string,
  ): Promise<StreamResult> =>
    this.#begin(createResumption(this.#options, runId, eventsUrl), this.detach, callbacks)

  /**
   * Answers a question of the run. Resolves when the server has taken the answer; rejects with `AgentStreamError` when
   * it refuses, or cannot be reached.
   */
  respond = (inputId: string, answer: unknown): Promise<void> =>
    this.#call('input', { input_id: inputId, answer })

  /** Asks the server to end the run, or one of its tool calls. Settles like `respond()`; the stream tells the end. */
  cancel = (toolUseId?: string): Promise<void> => this.#call('cancel', { tool_use_id: toolUseId })

  /** Ends the run at once, with what has arrived; the server's run is cancelled. */
  stop = (): void => {
    const { context } = this.actor.getSnapshot()
    const run = isRunning({ context }) && this.#runs.get(context.request)
    const cancel = (eventsUrl: string): void => {
      // Whether this arrives changes nothing here, and there is nobody left to tell.
      callRun(this.#options, context.settings, eventsUrl, 'cancel', {}, true).catch(() => {})
    }
    if (run && !context.eventsUrl) run.onLateUrl = cancel
    this.actor.send({ type: 'stop' })
    if (run && context.eventsUrl) cancel(context.eventsUrl)
  }

  /** Ends the watching at once, with what has arrived. The run goes on, and can be resumed. */
  detach = (): void => {
    this.actor.send({ type: 'detach' })
  }

  /** Stops, and forgets the run. */
  reset = (): void => {
    // A start that a callback has just made may not have reached the actor yet.
    const request = [...this.#runs.keys()].at(-1) ?? this.actor.getSnapshot().context.request
    this.stop()
    this.actor.send({ type: 'reset', request })
  }

  getSnapshot = (): ClientSnapshot => this.select(this.actor.getSnapshot())

  /** Calls `listener` after each visible change, not now. Returns what ends that. */
  subscribe = (listener: () => void): (() => void) => {
    let last = this.getSnapshot()
    const { unsubscribe } = this.actor.subscribe({
      next: (snapshot) => {
        const next = this.select(snapshot)
        if (next === last) return
        last = next
        listener()
      },
      // The run's promise has it.
      error: () => undefined,
    })
    return unsubscribe
  }

  /** Replaces the options that later attempts and runs read: all but `clock`, `random`, `retry`, timeouts, `inspect`. */
  setOptions = (options: AgentStreamClientOptions): void => {
    this.#options = options
  }

  #begin(
    request: StreamRequest,
    endFormer: () => void,
    callbacks: AgentStreamCallbacks = {},
  ): Promise<StreamResult> {
    if (this.#cause !== undefined) throw this.#cause
    endFormer()
    return new Promise((settle, fail) => {
      this.#runs.set(request, { callbacks, settle, fail })
      this.actor.send({ type: 'start', request })
    })
  }

  async #call(verb: RunVerb, body: Readonly<Record<string, unknown>>): Promise<void> {
    const { eventsUrl, settings } = this.actor.getSnapshot().context
    if (eventsUrl === null) {
      throw new TypeError(
        `There is no run to ask for ${verb}: none was started, or its server has not said where it is (see eventsUrl)`,
      )
    }
    return callRun(this.#options, settings, eventsUrl, verb, body)
  }

  /** Only a clock or a random that throws leads here. The actor is gone, and every run with it. */
  #break(cause: unknown): void {
    this.#cause = cause
    for (const { callbacks, fail } of this.#runs.values()) {
      notify(callbacks.onDone, donePayload('error', endRun(EMPTY_RUN_STATE, 'failed')))
      fail(cause)
    }
    this.#runs.clear()
  }

  /** Tells of ends, each once. The client subscribes first: whoever else does finds them told. */
  #observe(snapshot: LifecycleSnapshot): void {
    const { context } = snapshot
    if (!this.#runs.has(context.request)) return
    for (const [request, run] of this.#runs) {
      // Its start has been overtaken by a later one, in a callback of an earlier end.
      if (request !== context.request)
        this.#tell(request, run, 'stopped', endRun(EMPTY_RUN_STATE, 'stopped'), null)
      // A run with an outcome has left the states that are on the way.
      else if (context.run.outcome)
        this.#tell(request, run, snapshot.value as EndStatus, context.run, context.dropError)
      if (request === context.request) return
    }
  }

  #tell(
    request: StreamRequest | null,
    { callbacks, settle }: Run,
    status: EndStatus,
    run: RunState,
    dropError: RunError | null,
  ): void {
    this.#runs.delete(request)
    if (status === 'synthetic-done')
      this.#report(syntheticDoneReport(run, request as StreamRequest, dropError))
    // The agent's own errors were told when they came.
    if (run.error instanceof AgentStreamError || run.error === RUN_FAILED)
      notify(callbacks.onError, run.error)
    notify(callbacks.onDone, donePayload(status, run))
    settle({ status, outcome: run.outcome as Outcome, error: run.error })
  }

  #report(report: SyntheticDoneReport): void {
    const options = this.#options
    notify(options.onSyntheticDone, report)
    if (options.reportUrl !== undefined) void postReport(options, options.reportUrl, report)
  }
}

/** The run's `done`, or one made up in its place. */
function donePayload(status: EndStatus, { done, outcome }: RunState): DonePayload {
  const isStopped = status === 'stopped'
  const made = { is_error: outcome === 'failed', ...(isStopped && { aborted: true }) }
  return done ?? { ...payloadOf(decodePayload('done', made) as DoneEvent), isSynthetic: !isStopped }
}
