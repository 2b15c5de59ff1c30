import { type ActorRefFrom, createActor } from 'xstate'

import { openAttempt } from './attempt.ts'
import type { AgentStreamCallbacks } from './callbacks.ts'
import { systemClock } from './clock.ts'
import { isRunning, lifecycle } from './lifecycle.ts'
import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import { createRequest, createResumption } from './request.ts'
import { retryLimits } from './retry.ts'
import { callRun, type RunVerb } from './run-call.ts'
import { createRuns, type StreamResult } from './runs.ts'
import { type ClientSnapshot, createSnapshotSelector, type LifecycleSnapshot } from './snapshot.ts'
import { onWake } from './wake.ts'

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
  readonly #runs = createRuns(() => this.#options)
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
      next: this.#runs.observe,
      // Only a clock or a random that throws leads here. The actor is gone, and every run with it.
      error: (cause) => {
        this.#cause = cause
        this.#runs.fail(cause)
      },
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
    const request = this.#runs.last() ?? this.actor.getSnapshot().context.request
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
      this.#runs.add(request, { callbacks, settle, fail })
      this.actor.send({ type: 'start', request })
    })
  }

  async #call(verb: RunVerb, body: Readonly<Record<string, unknown>>): Promise<void> {
    const { eventsUrl, settings } = this.actor.getSnapshot().context
    if (eventsUrl === null) {
      throw new TypeError(
        `No run to post ${verb} to: none was started, or its address is not known (see eventsUrl)`,
      )
    }
    return callRun(this.#options, settings, eventsUrl, verb, body)
  }
}
