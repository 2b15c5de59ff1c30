import type { AgentEvent } from '@agent-stream/protocol'

/** All that readers are told of what an agent threw: it may hold anything. */
export const AGENT_FAILED: AgentEvent = {
  type: 'error',
  errorType: 'agent_error',
  message: 'The agent failed',
}
