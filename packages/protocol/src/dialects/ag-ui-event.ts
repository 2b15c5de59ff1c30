import type { JsonObject } from './json-messages.ts'

interface Attributable {
  subagentRunId?: string
  metadata?: JsonObject
}

export interface AgUiInterrupt {
  id: string
  reason: string
  message?: string
  toolCallId?: string
  responseSchema?: JsonObject
  expiresAt?: string
}

export type AgUiOutcome =
  | { type: 'success'; pendingToolCallIds?: string[] }
  | { type: 'interrupt'; interrupts: AgUiInterrupt[] }
  | { type: 'cancelled' }

export interface AgUiUsage {
  model?: string
  inputTokens?: number
  outputTokens?: number
  totalTokens?: number
  reasoningTokens?: number
  cachedInputTokens?: number
  cacheWriteInputTokens?: number
}

/** The events of AG-UI 1.0 that this project writes: a part of `@ag-ui/core`'s `Event`. */
export type AgUiEvent = Attributable &
  (
    | { type: 'RUN_STARTED'; threadId: string; runId: string; protocolVersion: string }
    | { type: 'TEXT_MESSAGE_START'; messageId: string; role: 'assistant' }
    | { type: 'REASONING_START' | 'REASONING_END'; messageId: string }
    | { type: 'REASONING_MESSAGE_START'; messageId: string; role: 'reasoning' }
    | { type: 'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT'; messageId: string; delta: string }
    | { type: 'TEXT_MESSAGE_END' | 'REASONING_MESSAGE_END'; messageId: string }
    | { type: 'TOOL_CALL_START'; toolCallId: string; toolCallName: string }
    | { type: 'TOOL_CALL_ARGS'; toolCallId: string; delta: string }
    | { type: 'TOOL_CALL_END'; toolCallId: string }
    | { type: 'TOOL_CALL_RESULT'; messageId: string; toolCallId: string; content: string; role: 'tool' }
    | { type: 'STEP_STARTED' | 'STEP_FINISHED'; stepName: string }
    | { type: 'STATE_SNAPSHOT'; snapshot: unknown }
    | { type: 'STATE_DELTA'; delta: readonly unknown[] }
    | { type: 'CUSTOM'; name: string; value: unknown }
    | { type: 'SUBAGENT_STARTED'; subagentRunId: string; name: string; parentToolCallId: string }
    | { type: 'SUBAGENT_FINISHED'; subagentRunId: string }
    | { type: 'RUN_FINISHED'; threadId: string; runId: string; outcome: AgUiOutcome; usage?: AgUiUsage[] }
    | { type: 'RUN_ERROR'; message: string; code?: string; usage?: AgUiUsage[] }
  )
