import { type AgentEvent, type DoneEvent, payloadOf, type ThinkingEvent, type TokenEvent } from './event.ts'
import { List } from './list.ts'
import { isRoot, Parts } from './parts.ts'
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

type Item<K extends 'creations' | 'sources' | 'checks' | 'pendingInputs'> = RunState[K][number]

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
  readonly #steps = new List<Step>(EMPTY_RUN_STATE.steps)
  readonly #stepIndex = new Map<string, number>()
  readonly #creations = new List<Item<'creations'>>(EMPTY_RUN_STATE.creations)
  readonly #sources = new List<Item<'sources'>>(EMPTY_RUN_STATE.sources)
  readonly #checks = new List<Item<'checks'>>(EMPTY_RUN_STATE.checks)
  readonly #warnings = new List<StreamWarning>(EMPTY_RUN_STATE.warnings)
  /** By id; `undefined` once answered, also when the answer is seen before the question. */
  readonly #inputs = new Map<string, Item<'pendingInputs'> | undefined>()
  readonly #sequence = new Sequence()
  #turn = 0
  #hasContent = false
  #isDirty = false
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
    if (!this.#admit('warning', seq)) return
    this.#note(warning)
  }

  snapshot(): RunState {
    if (!this.#isDirty) return this.#state
    this.#isDirty = false
    const draft = this.#draft
    draft.tools = this.#tools.snapshot()
    draft.parts = this.#parts.snapshot()
    draft.activeTools = this.#tools.activeNames()
    draft.steps = this.#steps.snapshot()
    draft.creations = this.#creations.snapshot()
    draft.sources = this.#sources.snapshot()
    draft.checks = this.#checks.snapshot()
    draft.warnings = this.#warnings.snapshot()
    draft.seq = this.#sequence.snapshot()
    if (this.#areInputsDirty) draft.pendingInputs = this.#pendingInputs()
    this.#areInputsDirty = false
    this.#state = { ...draft }
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
        this.#addText(event)
        break
      case 'tool_use':
        this.#tools.use(event, this.#turn)
        break
      case 'tool_input_delta':
        this.#tools.inputDelta(event, this.#turn)
        break
      case 'tool_result':
        this.#tools.result(event, this.#turn)
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
        if (!this.#inputs.has(event.inputId)) this.#inputs.set(event.inputId, payloadOf(event))
        this.#areInputsDirty = true
        break
      case 'input_received':
        this.#inputs.set(event.inputId, undefined)
        this.#areInputsDirty = true
        break
      case 'run_started':
        draft.runId = event.runId
        draft.startedAt = event.startedAt
        break
      case 'turn':
        draft.turn = payloadOf(event)
        this.#turn = event.turnNumber
        break
      case 'error':
        draft.error = payloadOf(event)
        break
      case 'gap':
        this.#sequence.miss(event.fromSeq, event.toSeq)
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

  #addText(event: TokenEvent | ThinkingEvent): void {
    if (event.type === 'thinking') {
      if (isRoot(event)) this.#draft.thinking += event.text
      this.#parts.appendText(event)
    } else {
      if (isRoot(event)) this.#draft.text += event.text
      this.#parts.appendText(event, event.refusal)
    }
  }

  /** A step only moves forward: a late start does not undo its end. */
  #addStep(step: Step): void {
    const index = this.#stepIndex.get(step.stepId)
    if (index === undefined) {
      this.#stepIndex.set(step.stepId, this.#steps.push(step))
      return
    }
    const known = this.#steps.at(index)
    const isForward = stepRank(step) > stepRank(known)
    this.#steps.set(index, { ...known, ...(isForward && step), title: known.title || step.title })
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
