import type { RunState } from '@agent-stream/protocol'
import type { SnapshotFrom } from 'xstate'

import type { EndStatus, lifecycle } from './lifecycle.ts'

export type ClientStatus = 'idle' | 'streaming' | 'retrying' | EndStatus

export interface RetryState {
  /** The retry that comes next, from 1. */
  readonly attempt: number
  /** How many there are without progress. */
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
  let source: LifecycleSnapshot | undefined
  let run: RunState | undefined
  let view: ClientSnapshot | undefined
  return (snapshot) => {
    if (view && snapshot === source) return view
    const lifecycle = lifecycleView(snapshot)
    const isSame =
      view &&
      run === snapshot.context.run &&
      view.status === lifecycle.status &&
      view.isStalled === lifecycle.isStalled &&
      view.retry?.attempt === lifecycle.retry?.attempt
    if (!view || !isSame) view = { ...snapshot.context.run, ...lifecycle }
    source = snapshot
    run = snapshot.context.run
    return view
  }
}

function lifecycleView(snapshot: LifecycleSnapshot): Omit<ClientSnapshot, keyof RunState> {
  const { context, value } = snapshot
  // `dropped` is left in the step that enters it: no snapshot shows it.
  const status = (typeof value === 'string' ? value : 'streaming') as ClientStatus
  return {
    status,
    isStreaming: status === 'streaming' || status === 'retrying',
    isDone: context.request !== null && context.run.outcome !== null,
    isStalled: context.isStalled,
    retry:
      status === 'retrying'
        ? { attempt: context.failures, attempts: context.settings.retry.attempts, delayMs: context.delayMs }
        : null,
  }
}
