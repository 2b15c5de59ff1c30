import { asksForTools, closeTools } from './end-run.ts'
import type { RunError } from './error.ts'
import { type AgentEvent, type DoneEvent, payloadOf } from './event.ts'
import { createList } from './list.ts'
import { createParts, laneOf } from './parts.ts'
import { EMPTY_RUN_STATE, type Outcome, type RunState, type Step } from './run-state.ts'
import { createSequence } from './sequence.ts'
import { countCodePoints, crc32 } from './text-hash.ts'
import { createTools } from './tools.ts'
import { createTurns } from './turns.ts'
import type { StreamWarning } from './warning.ts'

/** Adds events up to a run's state. Owned by one reader of one stream; its snapshots are immutable. */
export interface Fold {
  /**
   * Takes the next event; `seq` is its number, where the wire has one. Any order, any number of times.
   * False when it changed nothing: a duplicate, or the run has ended. `count` tokens without numbers may come as
   * one that holds the text of all.
   */
  apply(event: AgentEvent, seq?: number, count?: number): boolean
  /** Keeps a frame that was no event; it counts, takes its number, and may be a duplicate, like one. */
  warn(warning: StreamWarning, seq?: number): boolean
  /** Whether an event of this number would leave a gap: some before it have not come. */
  jumps(seq: number): boolean
  /** The state now: the same object until something changed. Costs what changed, not what there is. */
  snapshot(): RunState
}

/**
 * The document after a JSON Patch (RFC 6902), of which it copies only what changes; throws if the patch does not fit.
 * That of `@agent-stream/protocol/json-patch` is meant: it is handed in, as most runs need none.
 */
export type ApplyPatch = (document: unknown, patch: readonly unknown[]) => unknown

export interface FoldOptions {
  /** Keeps the shared state up to date with `state_delta`. Default: none, and the first of them is a warning. */
  readonly applyPatch?: ApplyPatch | undefined
}

const MAX_WARNINGS = 100

/** The error of a run that says it failed, and no more. */
export const RUN_FAILED: RunError = { errorType: 'error', message: 'The run failed' }

const NO_APPLY_PATCH =
  'state_delta was passed over: give the option applyPatch that of @agent-stream/protocol/json-patch'

/** Events that produce nothing themselves: a run of nothing else is `incomplete`. */
const FRAME_TYPES: ReadonlySet<string> = new Set(['run_started', 'turn', 'error', 'gap', 'rollback', 'done'])

type Draft = { -readonly [K in keyof RunState]: RunState[K] }

export function createFold({ applyPatch }: FoldOptions = {}): Fold {
  const draft: Draft = { ...EMPTY_RUN_STATE }
  let hasContent = false
  const turns = createTurns(returnHere())
  const parts = createParts(turns)
  const tools = createTools(parts, turns)
  const steps = new Map<string, Step>()
  /** By id; `undefined` once answered, also when the answer is seen before the question. */
  const inputs = new Map<string, RunState['pendingInputs'][number] | undefined>()
  const creations = createList(EMPTY_RUN_STATE.creations, turns)
  const sources = createList(EMPTY_RUN_STATE.sources, turns)
  const checks = createList(EMPTY_RUN_STATE.checks)
  const warnings = createList(EMPTY_RUN_STATE.warnings)
  const sequence = createSequence()
  let isPatchMissed = false
  let areStepsDirty = false
  let areInputsDirty = false
  let state: RunState | undefined = EMPTY_RUN_STATE

  /** What takes back all that has come since but is no part: called after the parts have been. */
  function returnHere(): () => void {
    const { turn, text, thinking } = draft
    const had = hasContent
    return () => {
      Object.assign(draft, { turn, text, thinking })
      hasContent = had
    }
  }

  function admit(type: string, seq: number | undefined, count = 1): boolean {
    if (draft.outcome !== null) return false
    state = undefined
    if (type === 'run_started') sequence.begin()
    if (seq !== undefined && !sequence.admit(seq)) return false
    if (type !== 'gap') draft.eventCount += count
    return true
  }

  function note(warning: StreamWarning): void {
    draft.warningCount++
    if (draft.warningCount <= MAX_WARNINGS) warnings.push(warning)
  }

  /** A step only moves forward, from `pending` over `running` to its end: a late start does not undo that. */
  function addStep(step: Step): void {
    const known = steps.get(step.stepId)
    const isForward =
      !known || known.status === 'pending' || (known.status === 'running' && step.status !== 'pending')
    steps.set(step.stepId, { ...known, ...(isForward ? step : known), title: known?.title || step.title })
    areStepsDirty = true
  }

  function pendingInputs(): RunState['pendingInputs'] {
    return [...inputs.values()].filter((input) => input !== undefined)
  }

  function patchState(patch: readonly unknown[]): void {
    if (applyPatch) {
      try {
        draft.state = applyPatch(draft.state, patch)
      } catch (error) {
        note({ type: 'warning', code: 'patch_failed', message: `state_delta changed nothing: ${error}` })
      }
    } else if (!isPatchMissed) {
      isPatchMissed = true
      note({ type: 'warning', code: 'patch_unsupported', message: NO_APPLY_PATCH })
    }
  }

  function reconcile({ final, redacted }: DoneEvent): RunState['reconciled'] {
    if (!final || redacted) return 'unchecked'
    const { text, eventCount } = draft
    const received = { eventCount: eventCount - 1, textChars: countCodePoints(text), textHash: crc32(text) }
    const wrong = (Object.keys(received) as (keyof typeof received)[])
      .filter((key) => received[key] !== (final[key] ?? received[key]))
      .map((key) => `${key} ${received[key]} instead of ${final[key]}`)
    if (wrong.length === 0) return true
    const message = `What was received is not what was sent: ${wrong.join(', ')}`
    note({ type: 'warning', code: 'not_reconciled', message })
    return false
  }

  function outcomeOf(event: DoneEvent): Outcome {
    if (event.isError) return 'failed'
    if (event.aborted) return 'stopped'
    // First: a tool that waits for a human's approval is not the caller's to execute.
    if (pendingInputs().length > 0) return 'awaiting_input'
    if (tools.active().length === 0) return hasContent ? 'complete' : 'incomplete'
    return asksForTools(event) ? 'awaiting_tools' : 'incomplete'
  }

  function finish(event: DoneEvent): void {
    draft.done = payloadOf(event)
    draft.usage = event.usage ?? null
    if (event.isError) draft.error ??= RUN_FAILED
    draft.reconciled = reconcile(event)
    draft.outcome = outcomeOf(event)
  }

  function add(event: AgentEvent): void {
    switch (event.type) {
      case 'token':
      case 'thinking': {
        const lane = laneOf(event)
        if (lane === '' && event.type === 'token') draft.text += event.text
        else if (lane === '') draft.thinking += event.text
        parts.addText(event, lane)
        break
      }
      case 'tool_use':
      case 'tool_input_delta':
      case 'tool_result':
        tools.add(event)
        break
      case 'progress':
        draft.progress = payloadOf(event)
        break
      case 'turn':
        turns.begin(event.turnNumber, returnHere())
        draft.turn = payloadOf(event)
        break
      case 'error':
        draft.error = payloadOf(event)
        break
      case 'creation':
        creations.push(payloadOf(event))
        parts.add(event, event)
        break
      case 'source_added':
        sources.push(payloadOf(event))
        parts.add({ ...event, type: 'source' }, event)
        break
      case 'file':
      case 'custom':
        parts.add(event, event)
        break
      case 'quality_checked':
        checks.push(payloadOf(event))
        break
      case 'plan_created':
        draft.plan = event.steps
        for (const step of event.steps) addStep({ status: 'pending', ...step })
        break
      case 'step_started':
        addStep({ status: 'running', title: '', ...payloadOf(event) })
        break
      case 'step_completed':
        addStep({ title: '', ...payloadOf(event) })
        break
      case 'input_required':
        if (inputs.has(event.inputId)) break
        inputs.set(event.inputId, payloadOf(event))
        areInputsDirty = true
        turns.onUndo(() => {
          inputs.delete(event.inputId)
          areInputsDirty = true
        })
        break
      case 'input_received':
        inputs.set(event.inputId, undefined)
        areInputsDirty = true
        break
      case 'run_started':
        draft.runId = event.runId
        draft.startedAt = event.startedAt
        break
      case 'gap':
        sequence.skip(event.fromSeq, event.toSeq)
        break
      case 'done':
        finish(event)
        break
      case 'state_snapshot':
        draft.state = event.state ?? null
        break
      case 'state_delta':
        patchState(event.patch)
        break
      case 'rollback':
        turns.rollback(event.to)
        break
      default:
        event satisfies never
    }
  }

  return {
    apply(event, seq, count) {
      if (!admit(event.type, seq, count)) return false
      draft.lastEventType = event.type
      hasContent ||= !FRAME_TYPES.has(event.type)
      add(event)
      return true
    },
    warn(warning, seq) {
      const isNew = admit('warning', seq)
      if (isNew) note(warning)
      return isNew
    },
    jumps: sequence.jumps,
    snapshot() {
      if (state) return state
      if (areStepsDirty) draft.steps = [...steps.values()]
      if (areInputsDirty) draft.pendingInputs = pendingInputs()
      areStepsDirty = areInputsDirty = false
      // The tools first: they put what changed of them among the parts.
      draft.tools = tools.snapshot()
      draft.activeTools = tools.active()
      draft.parts = parts.snapshot()
      draft.creations = creations.snapshot()
      draft.sources = sources.snapshot()
      draft.checks = checks.snapshot()
      draft.warnings = warnings.snapshot()
      draft.seq = sequence.snapshot()
      state = { ...draft }
      // Whatever still runs when `done` has come does so for another, or no more.
      if (draft.outcome)
        state = closeTools(state, draft.outcome.startsWith('awaiting') ? 'requested' : 'incomplete')
      return state
    },
  }
}

/** The state after these events. */
export function fold(events: Iterable<AgentEvent>, options?: FoldOptions): RunState {
  const run = createFold(options)
  for (const event of events) run.apply(event)
  return run.snapshot()
}
