export { type Agent, type AgentContext, type AgentOutput, InputExpired, type Question } from './agent.ts'
export { type Authorize, allowAll, type Grant } from './authorize.ts'
export { type BatchTokensOptions, batchTokens } from './batch-tokens.ts'
export type { Clock } from './clock.ts'
export type { CorsOptions } from './cors.ts'
export { AgentStreamEmitter, type EmitterOptions } from './emitter.ts'
export type { EventLog, LogEvent, LogPage, RunEnd } from './event-log.ts'
export { type FileLogOptions, fileLog } from './file-log.ts'
export type { LogDamage } from './log-damage.ts'
export { LogError, type LogErrorCode, type LogErrorOptions } from './log-error.ts'
export { type MemoryLogOptions, memoryLog } from './memory-log.ts'
export { toNodeListener } from './node-listener.ts'
export type { RedisClient } from './redis-client.ts'
export { type RedisLogOptions, redisLog } from './redis-log.ts'
export {
  type AgentStreamResponseOptions,
  agentStreamResponse,
  type ResponseChunk,
  SSE_HEADERS,
} from './response.ts'
export type { RunHooks } from './run-hooks.ts'
export type { RunAction } from './run-routes.ts'
export { createRunServer, type RunServer, type RunServerOptions } from './run-server.ts'
export type { Lease, RunFilter, RunInfo, RunRecord, RunStore } from './run-store.ts'
export { TokenBatcher, type TokenBatcherOptions } from './token-batcher.ts'
