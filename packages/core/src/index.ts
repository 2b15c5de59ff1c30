// XState stands before the protocol: bundlers keep the order, and gzip looks 32 KB back. With XState's 36 KB
// between the protocol and this package, what the two share would be paid twice (0.17 KB).
import 'xstate'

export * from '@agent-stream/protocol'
export type { BatchOptions, Flush, FlushReason } from './batch.ts'
export type { AgentStreamCallbacks, DonePayload } from './callbacks.ts'
export { AgentStreamClient } from './client.ts'
export { type ClientSource, isClient } from './client-source.ts'
export { type Clock, systemClock } from './clock.ts'
export { lifecycle } from './lifecycle.ts'
export type {
  ConnectionEvent,
  EndStatus,
  LifecycleContext,
  LifecycleEvent,
  LifecycleSettings,
  Pulse,
} from './lifecycle-context.ts'
export type { AgentStreamClientOptions, StreamRequest } from './options.ts'
export { DEFAULT_RETRY, type OnDrop, type RetryLimits, type RetryOptions } from './retry.ts'
export type { StreamResult } from './runs.ts'
export type { ClientSnapshot, ClientStatus, LifecycleSnapshot, RetryState } from './snapshot.ts'
export type { SyntheticDoneReport } from './synthetic-done.ts'
