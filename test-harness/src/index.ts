export { parseRecording, type RecordedEvent, type RecordedSession } from '@agent-stream/protocol'
export type { Chunking } from './chunking.ts'
export { type ReplayOptions, replay } from './replay.ts'
