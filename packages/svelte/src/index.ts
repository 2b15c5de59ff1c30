export type * from '@agent-stream/core'
export { AgentStreamClient } from '@agent-stream/core'
export {
  type AgentStream,
  type AgentStreamSelection,
  createAgentStream,
  selectAgentStream,
} from './agent-stream.ts'
