export { type BatchTokensOptions, batchTokens } from './emit/batch-tokens.ts'
export { type Clock, systemClock } from './emit/clock.ts'
export { AgentStreamEmitter, type EmitterOptions } from './emit/emitter.ts'
export {
  type AgentStreamResponseOptions,
  agentStreamResponse,
  type ResponseChunk,
  SSE_HEADERS,
} from './emit/response.ts'
export { TokenBatcher, type TokenBatcherOptions } from './emit/token-batcher.ts'
export { type Authorize, allowAll, type Grant } from './http/authorize.ts'
export type { CorsOptions } from './http/cors.ts'
export { toNodeListener } from './http/node-listener.ts'
export type { RunAction } from './http/run-routes.ts'
export { createRunServer, type RunServer, type RunServerOptions } from './http/run-server.ts'
export type { EventLog, LogEvent, LogPage, RunEnd } from './log/event-log.ts'
export { type FileLogOptions, fileLog } from './log/file/file-log.ts'
export type { LogDamage } from './log/file/log-damage.ts'
export { LogError, type LogErrorCode, type LogErrorOptions } from './log/log-error.ts'
export { type MemoryLogOptions, memoryLog } from './log/memory-log.ts'
export type { RedisClient } from './log/redis/redis-client.ts'
export { type RedisLogOptions, redisLog } from './log/redis/redis-log.ts'
export type { Lease, RunFilter, RunInfo, RunRecord, RunStore } from './log/run-store.ts'
export type { RecorderStats } from './record/record-writer.ts'
export {
  AgentStreamRecorder,
  type OpenOptions,
  type OpenRecording,
  type RecorderOptions,
  type RecordOptions,
} from './record/recorder.ts'
export { type Agent, type AgentContext, type AgentOutput, InputExpired, type Question } from './run/agent.ts'
export type { RunHooks } from './run/run-hooks.ts'
