export type { EventLog, LogEvent, LogPage, RunEnd } from './event-log.ts'
export { LogError, type LogErrorCode, type LogErrorOptions } from './log-error.ts'
export type { Lease, RunFilter, RunInfo, RunRecord, RunStore } from './run-store.ts'
