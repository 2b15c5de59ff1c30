import type { AgentEvent, InputRequiredEvent, Payload, RunState } from '@agent-stream/protocol'

/** What an event cannot do without. */
interface RequiredFields {
  token: 'text'
  thinking: 'text'
  turn: 'turnNumber'
  tool_input_delta: 'toolUseId' | 'delta'
  plan_created: 'steps'
  step_started: 'stepId'
  step_completed: 'stepId'
  source_added: 'sourceId'
  quality_checked: 'check' | 'passed'
  input_required: 'inputId'
  file: 'url'
  custom: 'name'
  state_delta: 'patch'
  rollback: 'to'
}

type WithDefaults<E> = E extends { type: infer T }
  ? Partial<E> & Pick<E, keyof E & ('type' | (T extends keyof RequiredFields ? RequiredFields[T] : never))>
  : never

/**
 * What an agent may yield: an event of the protocol; fields with a default may be left out. The frame around it,
 * `run_started`, the numbers and `done.final`, is the server's.
 */
export type AgentOutput = WithDefaults<
  Exclude<AgentEvent, { type: 'run_started' | 'gap' | 'input_received' }>
>

/**
 * The work of a run. What it yields is stored and shown; `done` may be left out. Text is stored on the way, anything
 * else before the agent is asked for more: what it does after a `tool_use` was announced to the log first.
 */
export type Agent = (context: AgentContext) => AsyncIterable<AgentOutput>

export interface AgentContext {
  readonly runId: string
  readonly owner: string
  /** The body of the request that started the run. */
  readonly input: unknown
  /**
   * Aborted when the run is cancelled, when the server closes, and when another process has taken the run over.
   * Pass it on to whatever the agent waits for.
   */
  readonly signal: AbortSignal
  /** What the run's log holds at the agent's start: nothing, unless the run is continued after a crash. */
  readonly state: RunState
  /**
   * Asks a human and waits for the answer, as long as it takes. Rejects when `expiresInMs` has passed (`InputExpired`)
   * and with the signal's reason when the run is aborted.
   */
  requestInput(question: Question): Promise<unknown>
  /** Aborted when this tool call is cancelled, and with the run. */
  toolSignal(toolUseId: string): AbortSignal
}

export interface Question extends Partial<Omit<Payload<InputRequiredEvent>, 'expiresAt'>> {
  /**
   * What the answer is kept under. Default: `input-1`, `input-2` … in the order of asking. A continued agent gets the
   * answers again that it had under the same ids.
   */
  readonly inputId?: string
  /** Milliseconds from now. Default: no end. */
  readonly expiresInMs?: number
}

/** A question was not answered in time. */
export class InputExpired extends Error {
  override readonly name = 'InputExpired'
  readonly inputId: string

  constructor(inputId: string) {
    super(`Nobody answered "${inputId}" in time`)
    this.inputId = inputId
  }
}
