import type { RunError } from './error.ts'
import type {
  AgentEventType,
  CreationEvent,
  CustomEvent,
  DoneEvent,
  FileEvent,
  InputRequiredEvent,
  Origin,
  Payload,
  PlanStep,
  ProgressEvent,
  QualityCheckedEvent,
  SourceAddedEvent,
  TurnEvent,
  Usage,
} from './event.ts'
import type { StreamWarning } from './warning.ts'

/**
 * - `running`: called, not ended
 * - `done`, `error`: its result came
 * - `requested`: the run ended so that the caller executes it
 * - `incomplete`: the run ended without its result
 */
export type ToolStatus = 'running' | 'done' | 'error' | 'requested' | 'incomplete'

export interface Tool extends Origin {
  /** The wire's `tool_use_id`; where it has none, `<name>#<n>`. Repeated when a later turn reuses it. */
  readonly id: string
  readonly name: string
  readonly status: ToolStatus
  readonly input?: unknown
  readonly output?: unknown
  /** The arguments' JSON text as streamed so far; empty when they come whole. */
  readonly inputText: string
  readonly inputSummary: string
  readonly outputSummary: string
  readonly durationMs: number
}

export interface TextPart extends Origin {
  readonly type: 'text' | 'thinking'
  readonly text: string
  readonly refusal?: boolean
}

export interface ToolPart {
  readonly type: 'tool'
  readonly tool: Tool
}

/** What a UI draws, in the order in which it began. */
export type Part =
  | TextPart
  | ToolPart
  | CreationEvent
  | (Payload<SourceAddedEvent> & { readonly type: 'source' })
  | FileEvent
  | CustomEvent

export interface Step extends PlanStep {
  readonly status: string
  readonly durationMs?: number
}

/** Numbered events `from` to `to`, both included, that never came. */
export interface SeqGap {
  readonly from: number
  readonly to: number
}

export interface SeqState {
  /** The highest number seen; 0 while the run is not numbered. */
  readonly last: number
  readonly gaps: readonly SeqGap[]
  readonly duplicates: number
}

/**
 * - `complete`: `done`, and nothing was left open
 * - `awaiting_tools`: `done`, and the caller is to execute the requested tools
 * - `awaiting_input`: `done`, and a human is to answer
 * - `incomplete`: `done`, while a tool was running or with nothing at all
 * - `truncated`: the stream ended without `done`
 * - `failed`: `done` with `is_error`, or an error was the last word
 * - `stopped`: `done` with `aborted`, or the user stopped it
 */
export type Outcome =
  | 'complete'
  | 'awaiting_tools'
  | 'awaiting_input'
  | 'incomplete'
  | 'truncated'
  | 'failed'
  | 'stopped'

/** All that a run's events add up to. Immutable; what did not change is the same object as before. */
export interface RunState {
  readonly runId: string | null
  readonly startedAt: string | null
  /** The root's text: without branches and sub-agents. */
  readonly text: string
  readonly thinking: string
  readonly parts: readonly Part[]
  /** In the order of first sight. */
  readonly tools: readonly Tool[]
  /** Names of the running tools. */
  readonly activeTools: readonly string[]
  readonly turn: Payload<TurnEvent> | null
  readonly progress: Payload<ProgressEvent> | null
  /** The plan as announced. */
  readonly plan: readonly PlanStep[] | null
  /** The plan's steps, and any others, as far as they have come. */
  readonly steps: readonly Step[]
  readonly creations: readonly Payload<CreationEvent>[]
  readonly sources: readonly Payload<SourceAddedEvent>[]
  readonly checks: readonly Payload<QualityCheckedEvent>[]
  /** Questions to a human that have no answer yet. */
  readonly pendingInputs: readonly Payload<InputRequiredEvent>[]
  /** The shared state, as snapshots and patches made it: any JSON, the application's own. `null` before any. */
  readonly state: unknown
  readonly usage: Usage | null
  /** The last error, kept when the run recovers. */
  readonly error: RunError | null
  /** The `done` event; `null` as long as none came. */
  readonly done: Payload<DoneEvent> | null
  /** How the run ended; `null` while it has not. */
  readonly outcome: Outcome | null
  /** Whether what was received is what the final packet counts; `unchecked` without one. */
  readonly reconciled: boolean | 'unchecked'
  /** The first 100. */
  readonly warnings: readonly StreamWarning[]
  readonly warningCount: number
  /** Events that were folded, `done` and passed-over frames included. */
  readonly eventCount: number
  readonly lastEventType: AgentEventType | null
  readonly seq: SeqState
}

const NONE: readonly never[] = []

export const EMPTY_RUN_STATE: RunState = {
  runId: null,
  startedAt: null,
  text: '',
  thinking: '',
  parts: NONE,
  tools: NONE,
  activeTools: NONE,
  turn: null,
  progress: null,
  plan: null,
  steps: NONE,
  creations: NONE,
  sources: NONE,
  checks: NONE,
  pendingInputs: NONE,
  state: null,
  usage: null,
  error: null,
  done: null,
  outcome: null,
  reconciled: 'unchecked',
  warnings: NONE,
  warningCount: 0,
  eventCount: 0,
  lastEventType: null,
  seq: { last: 0, gaps: NONE, duplicates: 0 },
}
