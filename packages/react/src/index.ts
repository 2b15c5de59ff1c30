// All of the core: an app needs one package.
export * from '@agent-stream/core'
export { type KeepRunOptions, keepRun } from '@agent-stream/core/storage'
export { type AgentStreamHook, useAgentStream, useAgentStreamSelector } from './use-agent-stream.ts'
