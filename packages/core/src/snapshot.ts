import type { RunState } from '@agent-stream/protocol'
import type { SnapshotFrom } from 'xstate'

import type { lifecycle } from './lifecycle.ts'
import type { EndStatus } from './lifecycle-context.ts'

export type ClientStatus = 'idle' | 'streaming' | 'retrying' | EndStatus

export interface RetryState {
  /** The retry that comes next, from 1. */
  readonly attempt: number
  /** How many there are without progress; `Infinity` for a run that resumes, as that is limited by time. */
  readonly attempts: number
  /** The wait before it, in milliseconds. */
  readonly delayMs: number
}

/** What a UI draws: the run's published state, and how its stream is doing. Immutable. */
export interface ClientSnapshot extends RunState {
  readonly status: ClientStatus
  /** `streaming` or `retrying`. */
  readonly isStreaming: boolean
  /** The run has ended, in whichever way; `status` and `outcome` say in which. */
  readonly isDone: boolean
  /** Nothing, not even a heartbeat, has come for 60 s, from a server that announced none. */
  readonly isStalled: boolean
  /** The retry that is being waited for. */
  readonly retry: RetryState | null
}

export type LifecycleSnapshot = SnapshotFrom<typeof lifecycle>

/** Makes the selector of one actor: it returns the same object until something visible has changed. */
export function createSnapshotSelector(): (snapshot: LifecycleSnapshot) => ClientSnapshot {
  let lastRun: RunState | undefined
  let lastKey = ''
  let view: ClientSnapshot | undefined
  return ({ context, value }) => {
    const { run, request, isStalled, failures, delayMs, settings, after } = context
    const status = (typeof value === 'string' ? value : 'streaming') as ClientStatus
    const isRetrying = status === 'retrying'
    const key = `${status} ${isStalled} ${isRetrying && failures}`
    if (view && run === lastRun && key === lastKey) return view
    lastRun = run
    lastKey = key
    view = {
      ...run,
      status,
      isStreaming: isRetrying || status === 'streaming',
      isDone: request !== null && run.outcome !== null,
      isStalled,
      retry: isRetrying
        ? { attempt: failures, attempts: after === null ? settings.retry.attempts : Infinity, delayMs }
        : null,
    }
    return view
  }
}
