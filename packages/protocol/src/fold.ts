import { type AgentEvent, type DoneEvent, payloadOf } from './event.ts'
import { List } from './list.ts'
import { laneOf, Parts } from './parts.ts'
import { EMPTY_RUN_STATE, type Outcome, type RunState, type Step } from './run-state.ts'
import { Sequence } from './sequence.ts'
import { countCodePoints, crc32 } from './text-hash.ts'
import { Tools } from './tools.ts'
import type { StreamWarning } from './warning.ts'

/** Adds events up to a run's state. Owned by one reader of one stream; its snapshots are immutable. */
export interface Fold {
  /**
   * Takes the next event; `seq` is its number, where the wire has one. Any order, any number of times.
   * False when it changed nothing: a duplicate, or the run has ended.
   */
  apply(event: AgentEvent, seq?: number): boolean
  /** Keeps a frame that was no event; it counts, and takes its number, like one. */
  warn(warning: StreamWarning, seq?: number): void
  /** The state now: the same object until something changed. Costs what changed, not what there is. */
  snapshot(): RunState
}

const MAX_WARNINGS = 100

/** Events that produce nothing themselves: a run of nothing else is `incomplete`. */
const FRAME_TYPES: ReadonlySet<string> = new Set(['run_started', 'turn', 'error', 'gap', 'done'])

type Draft = { -readonly [K in keyof RunState]: RunState[K] }

export function createFold(): Fold {
  return new RunFold()
}

/** The state after these events. */
export function fold(events: Iterable<AgentEvent>): RunState {
  const run = createFold()
  for (const event of events) run.apply(event)
  return run.snapshot()
}

class RunFold implements Fold {
  readonly #draft: Draft = { ...EMPTY_RUN_STATE }
  readonly #parts = new Parts()
  readonly #tools = new Tools(this.#parts)
  readonly #steps = new Map<string, Step>()
  readonly #creations = new List(EMPTY_RUN_STATE.creations)
  readonly #sources = new List(EMPTY_RUN_STATE.sources)
  readonly #checks = new List(EMPTY_RUN_STATE.checks)
  readonly #warnings = new List(EMPTY_RUN_STATE.warnings)
  /** By id; `undefined` once answered, also when the answer is seen before the question. */
  readonly #inputs = new Map<string, RunState['pendingInputs'][number] | undefined>()
  readonly #sequence = new Sequence()
  #hasContent = false
  #isDirty = false
  #areStepsDirty = false
  #areInputsDirty = false
  #state = EMPTY_RUN_STATE

  apply(event: AgentEvent, seq?: number): boolean {
    if (!this.#admit(event.type, seq)) return false
    this.#draft.lastEventType = event.type
    this.#hasContent ||= !FRAME_TYPES.has(event.type)
    this.#add(event)
    return true
  }

  warn(warning: StreamWarning, seq?: number): void {
    if (this.#admit('warning', seq)) this.#note(warning)
  }

  snapshot(): RunState {
    if (!this.#isDirty) return this.#state
    this.#isDirty = false
    if (this.#areStepsDirty) this.#draft.steps = [...this.#steps.values()]
    if (this.#areInputsDirty) this.#draft.pendingInputs = this.#pendingInputs()
    this.#areStepsDirty = this.#areInputsDirty = false
    // The tools first: they put what changed of them among the parts.
    const tools = this.#tools.snapshot()
    this.#state = {
      ...this.#draft,
      tools,
      activeTools: this.#tools.active,
      parts: this.#parts.snapshot(),
      creations: this.#creations.snapshot(),
      sources: this.#sources.snapshot(),
      checks: this.#checks.snapshot(),
      warnings: this.#warnings.snapshot(),
      seq: this.#sequence.snapshot(),
    }
    return this.#state
  }

  #admit(type: string, seq: number | undefined): boolean {
    if (this.#draft.outcome !== null) return false
    this.#isDirty = true
    if (type === 'run_started') this.#sequence.begin()
    if (seq !== undefined && !this.#sequence.admit(seq)) return false
    if (type !== 'gap') this.#draft.eventCount++
    return true
  }

  #add(event: AgentEvent): void {
    const draft = this.#draft
    switch (event.type) {
      case 'token':
      case 'thinking':
        if (laneOf(event) === '') draft[event.type === 'token' ? 'text' : 'thinking'] += event.text
        this.#parts.addText(event)
        break
      case 'tool_use':
      case 'tool_input_delta':
      case 'tool_result':
        this.#tools.add(event, draft.turn?.turnNumber ?? 0)
        break
      case 'progress':
        draft.progress = payloadOf(event)
        break
      case 'creation':
        this.#creations.push(payloadOf(event))
        this.#parts.add(event, event)
        break
      case 'source_added':
        this.#sources.push(payloadOf(event))
        this.#parts.add({ ...event, type: 'source' }, event)
        break
      case 'file':
      case 'custom':
        this.#parts.add(event, event)
        break
      case 'plan_created':
        draft.plan = event.steps
        for (const step of event.steps) this.#addStep({ status: 'pending', ...step })
        break
      case 'step_started':
        this.#addStep({ status: 'running', title: '', ...payloadOf(event) })
        break
      case 'step_completed':
        this.#addStep({ title: '', ...payloadOf(event) })
        break
      case 'quality_checked':
        this.#checks.push(payloadOf(event))
        break
      case 'input_required':
        if (!this.#inputs.has(event.inputId)) this.#setInput(event.inputId, payloadOf(event))
        break
      case 'input_received':
        this.#setInput(event.inputId, undefined)
        break
      case 'run_started':
        draft.runId = event.runId
        draft.startedAt = event.startedAt
        break
      case 'turn':
        draft.turn = payloadOf(event)
        break
      case 'error':
        draft.error = payloadOf(event)
        break
      case 'gap':
        this.#sequence.skip(event.fromSeq, event.toSeq)
        break
      case 'done':
        this.#finish(event)
        break
      // Shared state and rollback are the application's: they reach it as events.
      case 'state_snapshot':
      case 'state_delta':
      case 'rollback':
        break
      default:
        event satisfies never
    }
  }

  /** A step only moves forward: a late start does not undo its end. */
  #addStep(step: Step): void {
    const known = this.#steps.get(step.stepId)
    const isForward = !known || stepRank(step) > stepRank(known)
    this.#steps.set(step.stepId, {
      ...known,
      ...(isForward ? step : known),
      title: known?.title || step.title,
    })
    this.#areStepsDirty = true
  }

  #setInput(id: string, input: RunState['pendingInputs'][number] | undefined): void {
    this.#inputs.set(id, input)
    this.#areInputsDirty = true
  }

  #pendingInputs(): RunState['pendingInputs'] {
    return [...this.#inputs.values()].filter((input) => input !== undefined)
  }

  #finish(event: DoneEvent): void {
    const draft = this.#draft
    draft.done = payloadOf(event)
    if (event.usage) draft.usage = event.usage
    if (event.isError) draft.error ??= { errorType: 'error', message: 'The run failed' }
    draft.reconciled = this.#reconcile(event)
    this.#close(this.#doneOutcome(event))
  }

  #doneOutcome(event: DoneEvent): Outcome {
    if (event.isError) return 'failed'
    if (event.aborted) return 'stopped'
    // First: a tool that waits for a human's approval is not the caller's to execute.
    if (this.#pendingInputs().length > 0) return 'awaiting_input'
    const isRunning = this.#tools.runningCount > 0
    if (isRunning && /^tool[-_](calls|use)$/.test(event.finishReason ?? '')) return 'awaiting_tools'
    return isRunning || !this.#hasContent ? 'incomplete' : 'complete'
  }

  #reconcile({ final, redacted }: DoneEvent): RunState['reconciled'] {
    if (!final || redacted) return 'unchecked'
    const { text, eventCount } = this.#draft
    const received = { eventCount: eventCount - 1, textChars: countCodePoints(text), textHash: crc32(text) }
    const wrong = (Object.keys(received) as (keyof typeof received)[]).filter(
      (key) => final[key] !== undefined && final[key] !== received[key],
    )
    if (wrong.length === 0) return true
    const differences = wrong.map((key) => `${key} ${received[key]} instead of ${final[key]}`)
    this.#note({
      type: 'warning',
      code: 'not_reconciled',
      message: `What was received is not what was sent: ${differences.join(', ')}`,
    })
    return false
  }

  #close(outcome: Outcome): void {
    this.#isDirty = true
    this.#draft.outcome = outcome
    this.#tools.close(outcome.startsWith('awaiting') ? 'requested' : 'incomplete')
  }

  #note(warning: StreamWarning): void {
    this.#draft.warningCount++
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(warning)
  }
}

function stepRank({ status }: Step): number {
  return status === 'pending' ? 0 : status === 'running' ? 1 : 2
}
