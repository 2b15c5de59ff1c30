export { decodeEvent, decodePayload, plainText } from './decode.ts'
export { detectDialect } from './detect-dialect.ts'
export type { Decoded, Decoder, Dialect, DialectHeaders } from './dialect.ts'
export type { Encoder, Wire } from './dialects/encoder.ts'
export { encodeEvent, encodePayload, sseText } from './encode.ts'
export { asksForTools, type EndReason, endRun } from './end-run.ts'
export {
  AgentStreamError,
  type AgentStreamErrorCode,
  type AgentStreamErrorOptions,
  type RunError,
} from './error.ts'
export type * from './event.ts'
export { payloadOf } from './event.ts'
export { type ApplyPatch, createFold, type Fold, type FoldOptions, fold, RUN_FAILED } from './fold.ts'
export {
  createRecordingReader,
  MAX_LINE_CHARS,
  parseRecording,
  type RecordedEvent,
  type RecordedSession,
  type RecordingHandlers,
  type RecordingProblem,
  type RecordingProblemCode,
  type RecordingReader,
} from './recording.ts'
export {
  type EventLine,
  endLine,
  eventLine,
  eventLineOf,
  hasValidChecksum,
  headerLine,
  SESSION_END,
  type SessionEnd,
  type SessionHeader,
  spacedJson,
  withChecksum,
} from './recording-line.ts'
export {
  EMPTY_RUN_STATE,
  type Outcome,
  type Part,
  type RunState,
  type SeqGap,
  type SeqState,
  type Step,
  type TextPart,
  type Tool,
  type ToolPart,
  type ToolStatus,
} from './run-state.ts'
export { snakeCase } from './shape.ts'
export {
  createSseReader,
  MAX_MESSAGE_CHARS,
  type SseHandlers,
  type SseLimits,
  type SseMessage,
  type SseReader,
} from './sse.ts'
export { countCodePoints, crc32 } from './text-hash.ts'
export type { StreamWarning, WarningCode } from './warning.ts'
