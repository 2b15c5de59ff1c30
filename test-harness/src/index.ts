export { parseRecording, type RecordedEvent, type RecordedSession } from '@agent-stream/protocol'
export type { Chunking } from './chunking.ts'
export type { EventFault, Fault, OnRequest } from './fault.ts'
export { type AnyRun, INVARIANTS, type Invariant, REDUCER_INVARIANTS, type Rerun } from './invariant.ts'
export { loadRecording, type Recording } from './recording-file.ts'
export {
  type Reducer,
  type ReducerOptions,
  type ReducerRun,
  type RunView,
  runReducer,
  type ShownView,
} from './reducer.ts'
export { type ReplayOptions, replay } from './replay.ts'
export {
  type RecordingRun,
  type ReplayRequest,
  type RunOptions,
  runRecording,
  type ShownSnapshot,
  type Transition,
} from './run-recording.ts'
