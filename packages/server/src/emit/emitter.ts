import type {
  AgentEvent,
  CustomEvent,
  DoneEvent,
  FileEvent,
  InputRequiredEvent,
  Origin,
  PlanStep,
  SourceAddedEvent,
  SubProgress,
  TokenEvent,
  ToolResultEvent,
  ToolUseEvent,
} from '@agent-stream/protocol'

import { createEventWriter, type EventWriter } from './event-writer.ts'

export interface EmitterOptions {
  /** Makes the stream a run of this name: numbered, with `done.final`. Default: neither. */
  readonly runId?: string
  /** The longest that the stream stays silent, as `run_started` announces it. Default: not announced. */
  readonly heartbeatMs?: number
}

/** What an event of this kind may carry besides, and whose it is. */
type More<E, K extends keyof E> = Partial<Pick<E, K>> & Origin

/** Absent fields may be `undefined` here: what is written leaves them out. */
type Loose<E> = E extends unknown ? { readonly [K in keyof E]: E[K] | undefined } : never

/**
 * Each event as a method that returns its SSE text, ready to be yielded to `agentStreamResponse`. Names, order and
 * defaults are those of the Python emitter. The last argument holds what the event may carry besides.
 */
export class AgentStreamEmitter {
  readonly #write: EventWriter = createEventWriter()
  readonly #options: EmitterOptions
  #hasStarted = false

  constructor(options: EmitterOptions = {}) {
    this.#options = options
  }

  token(text: string, more?: More<TokenEvent, 'refusal'>): string {
    return this.#text({ ...more, type: 'token', text })
  }

  thinking(text: string, more?: Origin): string {
    return this.#text({ ...more, type: 'thinking', text })
  }

  toolUse(
    toolName: string,
    toolUseId: string,
    inputSummary = '',
    more?: More<ToolUseEvent, 'input'>,
  ): string {
    return this.#text({ type: 'tool_use', toolName, toolUseId, inputSummary, status: 'running', ...more })
  }

  toolInputDelta(toolUseId: string, delta: string, more?: Origin): string {
    return this.#text({ type: 'tool_input_delta', toolUseId, delta, ...more })
  }

  toolResult(
    toolName: string,
    toolUseId: string,
    outputSummary = '',
    durationMs = 0,
    isError = false,
    more?: More<ToolResultEvent, 'output' | 'preliminary'>,
  ): string {
    const status = isError ? 'error' : 'done'
    return this.#text({
      type: 'tool_result',
      toolName,
      toolUseId,
      outputSummary,
      durationMs,
      status,
      ...more,
    })
  }

  turn(turnNumber: number, totalTools = 0): string {
    return this.#text({ type: 'turn', turnNumber, totalTools })
  }

  progress(
    step: string,
    percentage: number,
    message: string,
    subProgress: SubProgress | null = null,
  ): string {
    return this.#text({ type: 'progress', step, percentage, message, subProgress })
  }

  creation(
    creationType: string,
    count: number,
    toolUseId = '',
    items: readonly unknown[] = [],
    more?: Origin,
  ): string {
    return this.#text({ type: 'creation', creationType, count, toolUseId, items, ...more })
  }

  /** It does not end the stream: the agent may recover. */
  error(errorType: string, message: string, details: unknown = {}): string {
    return this.#text({ type: 'error', errorType, message, details })
  }

  /** The only event that ends a stream. Takes its fields by name as well: `done({ numTurns: 2, usage })`. */
  done(fields: Partial<Omit<DoneEvent, 'type'>>): string
  done(
    messageId?: string,
    numTurns?: number,
    toolCount?: number,
    durationMs?: number,
    model?: string,
    totalCostUsd?: number,
  ): string
  done(
    first: string | Partial<Omit<DoneEvent, 'type'>> = '',
    numTurns = 0,
    toolCount = 0,
    durationMs = 0,
    model = '',
    totalCostUsd = 0,
  ): string {
    const fields = typeof first === 'string' ? { messageId: first } : first
    const defaults = { messageId: '', numTurns, toolCount, durationMs, model, totalCostUsd }
    return this.#text({ type: 'done', isError: undefined, ...defaults, ...fields })
  }

  planCreated(steps: readonly PlanStep[]): string {
    return this.#text({ type: 'plan_created', steps })
  }

  stepStarted(stepId: string, title?: string): string {
    return this.#text({ type: 'step_started', stepId, title })
  }

  stepCompleted(stepId: string, status = 'done', durationMs?: number): string {
    return this.#text({ type: 'step_completed', stepId, status, durationMs })
  }

  sourceAdded(sourceId: string, more?: More<SourceAddedEvent, 'url' | 'title' | 'mediaType'>): string {
    return this.#text({ type: 'source_added', sourceId, ...more })
  }

  qualityChecked(check: string, passed: boolean, score?: number): string {
    return this.#text({ type: 'quality_checked', check, passed, score })
  }

  inputRequired(
    inputId: string,
    kind: InputRequiredEvent['kind'] = 'question',
    message = '',
    more?: Partial<Pick<InputRequiredEvent, 'toolUseId' | 'schema' | 'options' | 'expiresAt'>>,
  ): string {
    return this.#text({ type: 'input_required', inputId, kind, message, ...more })
  }

  /** Without an answer: the question expired. */
  inputReceived(inputId: string, answer?: unknown): string {
    return this.#text({ type: 'input_received', inputId, answer })
  }

  file(url: string, mediaType = '', more?: More<FileEvent, 'name'>): string {
    return this.#text({ type: 'file', url, mediaType, ...more })
  }

  custom(name: string, more?: More<CustomEvent, 'value'>): string {
    return this.#text({ type: 'custom', name, ...more })
  }

  stateSnapshot(state: unknown): string {
    return this.#text({ type: 'state_snapshot', state })
  }

  /** `patch` is a JSON Patch (RFC 6902). */
  stateDelta(patch: readonly unknown[]): string {
    return this.#text({ type: 'state_delta', patch })
  }

  rollback(to: number): string {
    return this.#text({ type: 'rollback', to })
  }

  /** Numbered events that can no longer be had, both ends included. */
  gap(fromSeq: number, toSeq: number): string {
    return this.#text({ type: 'gap', fromSeq, toSeq })
  }

  /** A run's first event. Need not be called: whatever comes first brings it along. */
  runStarted(): string {
    const { runId, heartbeatMs } = this.#options
    if (runId === undefined) {
      throw new TypeError('runStarted() of an emitter without a run; use new AgentStreamEmitter({ runId })')
    }
    this.#hasStarted = true
    const startedAt = new Date().toISOString()
    return this.#text({ type: 'run_started', runId, startedAt, protocol: '1', heartbeatMs })
  }

  #text(event: Loose<AgentEvent>): string {
    const isFirst = this.#options.runId !== undefined && !this.#hasStarted
    return (isFirst ? this.runStarted() : '') + this.#write(event as AgentEvent)
  }
}
