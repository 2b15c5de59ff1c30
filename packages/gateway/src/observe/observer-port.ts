import type { CallReport } from './call-report.ts'
import type { PackedObservations } from './observation-batch.ts'
import type { RecordingStatus } from './recording-status.ts'

/** What an observer is told. */
export type ToObserver =
  | { readonly type: 'observations'; readonly packed: PackedObservations }
  | { readonly type: 'metrics'; readonly request: number }
  | { readonly type: 'close'; readonly drainMs: number }

/** What it says. */
export type FromObserver =
  /** So many bytes of observations were taken in. */
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'report'; readonly report: CallReport }
  /** The first token of a call that goes on. */
  | { readonly type: 'first_token'; readonly call: string; readonly ttftMs: number }
  | { readonly type: 'recording'; readonly status: RecordingStatus }
  | { readonly type: 'metrics'; readonly request: number; readonly text: string }
  | { readonly type: 'closed' }

/** An observer, wherever it is: in a thread of its own, or in a test's hands. */
export interface ObserverPort {
  /** Its buffers are the observer's from now on. */
  post(message: ToObserver, transfer: readonly ArrayBuffer[]): void
  /** Ends it at once. */
  terminate(): Promise<void>
}

/** Told what an observer says, and that it is gone. */
export interface ObserverListener {
  onMessage(message: FromObserver): void
  onFailure(error: Error): void
}

export type StartObserver = (listener: ObserverListener) => ObserverPort
