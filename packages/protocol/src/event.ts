/** Which message, block, choice or sub-agent a part of the stream belongs to. All absent: the root. */
export interface Origin {
  readonly messageId?: string
  readonly blockId?: string
  readonly branchId?: string
  readonly parentToolUseId?: string
}

export interface TokenEvent extends Origin {
  readonly type: 'token'
  readonly text: string
  /** The model declines; the text says why. */
  readonly refusal?: boolean
}

export interface ThinkingEvent extends Origin {
  readonly type: 'thinking'
  readonly text: string
}

export interface ToolUseEvent extends Origin {
  readonly type: 'tool_use'
  readonly toolName: string
  /** Empty when the server gives none: such calls are matched by name, in arrival order. */
  readonly toolUseId: string
  readonly inputSummary: string
  readonly status: 'running'
  readonly input?: unknown
}

export interface ToolInputDeltaEvent extends Origin {
  readonly type: 'tool_input_delta'
  readonly toolUseId: string
  /** A fragment of the arguments' JSON text. */
  readonly delta: string
}

export interface ToolResultEvent extends Origin {
  readonly type: 'tool_result'
  readonly toolName: string
  readonly toolUseId: string
  readonly outputSummary: string
  readonly durationMs: number
  readonly status: 'done' | 'error'
  readonly output?: unknown
  /** The tool is still running; a further result follows. */
  readonly preliminary?: boolean
}

export interface TurnEvent {
  readonly type: 'turn'
  /** From 1. */
  readonly turnNumber: number
  readonly totalTools: number
}

export interface SubProgress {
  readonly current: number
  readonly total: number
  readonly itemTitle: string
}

export interface ProgressEvent {
  readonly type: 'progress'
  readonly step: string
  /** 0 to 100. */
  readonly percentage: number
  readonly message: string
  readonly subProgress: SubProgress | null
}

export interface CreationEvent extends Origin {
  readonly type: 'creation'
  readonly creationType: string
  readonly count: number
  readonly toolUseId: string
  readonly items: readonly unknown[]
}

/** Says what went wrong. It does not end the run: the agent may recover. */
export interface ErrorEvent {
  readonly type: 'error'
  readonly errorType: string
  readonly message: string
  readonly details?: unknown
}

/** Tokens, in disjoint or provider-defined buckets, as the server reports them. */
export interface Usage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly reasoningTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly totalTokens?: number
}

/** What the server counted, so that the client can tell whether it received all of it. */
export interface FinalPacket {
  /** Events before `done`. */
  readonly eventCount?: number
  /** Unicode code points in the root text. */
  readonly textChars?: number
  /** CRC-32 of the root text's UTF-8 bytes, 8 lower-case hexadecimal digits. */
  readonly textHash?: string
}

/** The only event that ends a run. */
export interface DoneEvent {
  readonly type: 'done'
  readonly messageId: string
  readonly numTurns: number
  readonly toolCount: number
  readonly durationMs: number
  readonly model: string
  readonly isError: boolean
  readonly aborted?: boolean
  readonly totalCostUsd?: number
  readonly finishReason?: string
  readonly usage?: Usage
  readonly final?: FinalPacket
  /** Text was scrubbed after it was counted: `final` cannot be checked. */
  readonly redacted?: boolean
}

export interface RunStartedEvent {
  readonly type: 'run_started'
  readonly runId: string
  readonly startedAt: string
  readonly protocol: string
  /** The longest the server stays silent, in milliseconds. */
  readonly heartbeatMs?: number
}

export interface PlanStep {
  readonly stepId: string
  readonly title: string
}

export interface PlanCreatedEvent {
  readonly type: 'plan_created'
  readonly steps: readonly PlanStep[]
}

export interface StepStartedEvent {
  readonly type: 'step_started'
  readonly stepId: string
  readonly title?: string
}

export interface StepCompletedEvent {
  readonly type: 'step_completed'
  readonly stepId: string
  readonly status: string
  readonly durationMs?: number
}

export interface SourceAddedEvent extends Origin {
  readonly type: 'source_added'
  readonly sourceId: string
  readonly url?: string
  readonly title?: string
  readonly mediaType?: string
}

export interface QualityCheckedEvent {
  readonly type: 'quality_checked'
  readonly check: string
  readonly passed: boolean
  readonly score?: number
}

export interface InputRequiredEvent {
  readonly type: 'input_required'
  readonly inputId: string
  readonly kind: 'approval' | 'question' | 'choice'
  readonly message: string
  readonly toolUseId?: string
  /** JSON Schema of the answer. */
  readonly schema?: unknown
  readonly options?: readonly unknown[]
  /** ISO 8601. */
  readonly expiresAt?: string
}

export interface InputReceivedEvent {
  readonly type: 'input_received'
  readonly inputId: string
  readonly answer?: unknown
}

export interface FileEvent extends Origin {
  readonly type: 'file'
  readonly url: string
  readonly mediaType: string
  readonly name?: string
}

export interface CustomEvent extends Origin {
  readonly type: 'custom'
  readonly name: string
  readonly value?: unknown
}

export interface StateSnapshotEvent {
  readonly type: 'state_snapshot'
  readonly state?: unknown
}

export interface StateDeltaEvent {
  readonly type: 'state_delta'
  /** JSON Patch (RFC 6902). */
  readonly patch: readonly unknown[]
}

export interface RollbackEvent {
  readonly type: 'rollback'
  /** The turn that starts again. */
  readonly to: number
}

/** Numbered events that the server can no longer give. Carries no id of its own. */
export interface GapEvent {
  readonly type: 'gap'
  readonly fromSeq: number
  readonly toSeq: number
}

/** An event without its name, as state and callbacks carry it. */
export type Payload<E extends { readonly type: string }> = Omit<E, 'type'>

/** One event of a run, as `spec/protocol.md` defines it; `type` is its name on the wire. */
export type AgentEvent =
  | TokenEvent
  | ThinkingEvent
  | ToolUseEvent
  | ToolInputDeltaEvent
  | ToolResultEvent
  | TurnEvent
  | ProgressEvent
  | CreationEvent
  | ErrorEvent
  | DoneEvent
  | RunStartedEvent
  | PlanCreatedEvent
  | StepStartedEvent
  | StepCompletedEvent
  | SourceAddedEvent
  | QualityCheckedEvent
  | InputRequiredEvent
  | InputReceivedEvent
  | FileEvent
  | CustomEvent
  | StateSnapshotEvent
  | StateDeltaEvent
  | RollbackEvent
  | GapEvent

export type AgentEventType = AgentEvent['type']

export function payloadOf<E extends AgentEvent>({ type: _, ...payload }: E): Payload<E> {
  return payload
}
