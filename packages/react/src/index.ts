export type * from '@agent-stream/core'
export { AgentStreamClient } from '@agent-stream/core'
export { type AgentStreamHook, useAgentStream, useAgentStreamSelector } from './use-agent-stream.ts'
