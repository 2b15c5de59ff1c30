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

import { type AgentStreamCallbacks, type DonePayload, notify } from './callbacks.ts'
import { type Clock, systemClock } from './clock.ts'
import { connect } from './connection.ts'
import { type ConnectionEvent, type EndStatus, type LifecycleContext, lifecycle } from './lifecycle.ts'
import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import { createRequest } from './request.ts'
import { retryLimits } from './retry.ts'
import { type ClientSnapshot, createSnapshotSelector, type LifecycleSnapshot } from './snapshot.ts'
import { createStreamReader } from './stream-reader.ts'
import { postReport, type SyntheticDoneReport, syntheticDoneReport } from './synthetic-done.ts'

/** How a run ended. */
export interface StreamResult {
  readonly status: EndStatus
  readonly outcome: Outcome
  /** The agent's last error, or what ended the run in status `error`. */
  readonly error: RunError | null
}

interface Run {
  readonly callbacks: AgentStreamCallbacks
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
        connect: (context, send) => this.#connect(context, clock, send),
      },
    })
    this.actor.subscribe({
      next: (snapshot) => this.#observe(snapshot),
      error: (cause) => this.#break(cause),
    })
    this.actor.start()
  }

  /**
   * Requests a stream (POST, JSON body) and reads it to its end, repeating the request where that is safe.
   * A run that is going on is stopped first. Resolves when the run has ended, in whichever way; rejects with
   * `TypeError` when called wrongly.
   */
  start = async (
    endpoint: string,
    body?: unknown,
    callbacks: AgentStreamCallbacks = {},
  ): Promise<StreamResult> => {
    const request = createRequest(this.#options, endpoint, body)
    if (this.#cause !== undefined) throw this.#cause
    this.stop()
    return new Promise((settle, fail) => {
      this.#runs.set(request, { callbacks, settle, fail })
      this.actor.send({ type: 'start', request })
    })
  }

  /** Ends the run at once, with what has arrived. */
  stop = (): void => {
    this.actor.send({ type: 'stop' })
  }

  /** Ends the watching at once, with what has arrived; what the server does is left alone. */
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

  /** Opens an attempt's connection; what it returns closes it. */
  #connect(
    { request, attempt, pulse }: LifecycleContext,
    clock: Clock,
    sendBack: (event: ConnectionEvent) => void,
  ): () => void {
    const controller = new AbortController()
    const send = (event: ConnectionEvent): void => {
      if (!controller.signal.aborted) sendBack(event)
    }
    const isRepeat = attempt > 1
    const callbacks = this.#runs.get(request)?.callbacks ?? {}
    const reader = createStreamReader({ ...this.#options, clock, callbacks, pulse, isRepeat, send })
    const options = { ...this.#options, clock }
    // Only `start` leads to a connection, and it brings the request.
    void connect(options, request as StreamRequest, isRepeat, reader, send, controller.signal)
    return () => {
      controller.abort()
      reader.close()
    }
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
