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

import type { AttemptOwner } from './attempt.ts'
import { type DonePayload, notify } from './callbacks.ts'
import type { EndStatus } from './lifecycle-context.ts'
import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import type { LifecycleSnapshot } from './snapshot.ts'
import { postReport, syntheticDoneReport } from './synthetic-done.ts'

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

type Request = StreamRequest | null

/** The runs that have not been told of their end, by their requests, in the order of their start. */
export interface Runs {
  add(request: Request, run: Run): void
  get(request: Request): Run | undefined
  /** The request that was made last, by which a run is still waiting. */
  last(): Request | undefined
  /** Tells of ends, each once. The client subscribes with it first: whoever else does finds them told. */
  observe(snapshot: LifecycleSnapshot): void
  /** Tells all of them that the machine broke. */
  fail(cause: unknown): void
}

export function createRuns(getOptions: () => AgentStreamClientOptions): Runs {
  const runs = new Map<Request, Run>()

  function tell(
    request: Request,
    run: Run,
    status: EndStatus,
    state: RunState,
    dropError: RunError | null,
  ): void {
    const { callbacks, settle } = run
    runs.delete(request)
    if (status === 'synthetic-done') report(state, request as StreamRequest, dropError)
    // The agent's own errors were told when they came.
    if (state.error instanceof AgentStreamError || state.error === RUN_FAILED)
      notify(callbacks.onError, state.error)
    notify(callbacks.onDone, donePayload(status, state))
    settle({ status, outcome: state.outcome as Outcome, error: state.error })
  }

  function report(state: RunState, request: StreamRequest, dropError: RunError | null): void {
    const options = getOptions()
    const said = syntheticDoneReport(state, request, dropError)
    notify(options.onSyntheticDone, said)
    if (options.reportUrl !== undefined) void postReport(options, options.reportUrl, said)
  }

  return {
    add: (request, run) => void runs.set(request, run),
    get: (request) => runs.get(request),
    last: () => [...runs.keys()].at(-1),
    observe({ context, value }) {
      if (!runs.has(context.request)) return
      for (const [request, run] of runs) {
        // Its start has been overtaken by a later one, in a callback of an earlier end.
        if (request !== context.request)
          tell(request, run, 'stopped', endRun(EMPTY_RUN_STATE, 'stopped'), null)
        // A run with an outcome has left the states that are on the way.
        else if (context.run.outcome) tell(request, run, value as EndStatus, context.run, context.dropError)
        if (request === context.request) return
      }
    },
    fail(cause) {
      for (const { callbacks, fail } of runs.values()) {
        notify(callbacks.onDone, donePayload('error', endRun(EMPTY_RUN_STATE, 'failed')))
        fail(cause)
      }
      runs.clear()
    },
  }
}

/** The run's `done`, or one made up in its place. */
function donePayload(status: EndStatus, { done, outcome }: RunState): DonePayload {
  const isStopped = status === 'stopped'
  const made = { is_error: outcome === 'failed', ...(isStopped && { aborted: true }) }
  return done ?? { ...payloadOf(decodePayload('done', made) as DoneEvent), isSynthetic: !isStopped }
}
