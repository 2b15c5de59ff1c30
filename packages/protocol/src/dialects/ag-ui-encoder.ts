import { encodePayload } from '../encode.ts'
import { endRun } from '../end-run.ts'
import type {
  AgentEvent,
  DoneEvent,
  Origin,
  RollbackEvent,
  ThinkingEvent,
  TokenEvent,
  Usage,
} from '../event.ts'
import { createFold, RUN_FAILED } from '../fold.ts'
import { laneOf } from '../parts.ts'
import type { RunState } from '../run-state.ts'
import { isRecord } from '../shape.ts'
import { createAgUiCalls, metadataOf } from './ag-ui-calls.ts'
import type { AgUiEvent, AgUiOutcome, AgUiUsage } from './ag-ui-event.ts'
import type { Encoder, Wire } from './encoder.ts'
import type { JsonObject } from './json-messages.ts'
import { createTextRuns, isPart, type TextRun } from './text-runs.ts'

export interface AgUiEncoderOptions {
  /** The conversation, as the client calls it. Default: the run's id. */
  readonly threadId?: string | undefined
  /** The run, as the client calls it. Default: the run's own id. */
  readonly runId?: string | undefined
}

/** AG-UI 1.0 as a wire to serve. */
export const agUiWire: Wire<AgUiEncoderOptions> = {
  name: 'ag-ui',
  headers: {},
  createEncoder: createAgUiEncoder,
  optionsOf: (body) => ({ threadId: textIn(body, 'threadId'), runId: textIn(body, 'runId') }),
  threadOf: (body) => textIn(body, 'threadId'),
}

function textIn(body: unknown, key: string): string | undefined {
  const value = isRecord(body) ? body[key] : undefined
  return typeof value === 'string' ? value : undefined
}

/**
 * Writes a run as AG-UI 1.0, for `HttpAgent` and all that reads it (`spec/dialects.md`). What AG-UI has no event for
 * becomes a `CUSTOM` event of our event's name.
 */
export function createAgUiEncoder(options: AgUiEncoderOptions = {}): Encoder<AgUiEvent> {
  const run = createFold()
  const runs = createTextRuns()
  /** Messages and calls share one space of names, in which the client finds them. */
  const taken = new Set<string>()
  /** The message of each block, so that one goes on in it. */
  const blocks = new Map<string, string>()
  /** Sub-agents that were announced; with the tool that they work for, while they do. */
  const subAgents = new Map<string, string | undefined>()
  const steps = new Map<string, 'open' | 'closed'>()
  let events: AgUiEvent[] = []
  let ids: { threadId: string; runId: string } | undefined
  let hasEnded = false

  const write = (event: AgUiEvent): void => {
    events.push(event)
  }
  const calls = createAgUiCalls({
    write,
    unique,
    begin(tool) {
      endText(runs.end(laneOf(tool)))
      return subAgentOf(tool)
    },
    ended: ({ id }) => finishSubAgents(id),
  })

  function unique(id: string): string {
    let name = id
    for (let n = 2; taken.has(name); n++) name = `${id}~${n}`
    taken.add(name)
    return name
  }

  function start(runId = 'run'): void {
    if (ids) return
    ids = { threadId: options.threadId ?? runId, runId: options.runId ?? runId }
    write({ type: 'RUN_STARTED', ...ids, protocolVersion: '1.0' })
  }

  /** A branch is a sub-agent by its name alone; one that works for a tool is announced. */
  function subAgentOf({ branchId, parentToolUseId }: Origin): string | undefined {
    if (parentToolUseId === undefined) return branchId
    const subagentRunId = ['sub-agent', parentToolUseId, branchId]
      .filter((part) => part !== undefined)
      .join(':')
    if (!subAgents.has(subagentRunId)) {
      subAgents.set(subagentRunId, parentToolUseId)
      const parentToolCallId = calls.idOf(parentToolUseId) ?? parentToolUseId
      const tool = run.snapshot().tools.findLast(({ id }) => id === parentToolUseId)
      write({ type: 'SUBAGENT_STARTED', subagentRunId, name: tool?.name || 'sub-agent', parentToolCallId })
    }
    return subagentRunId
  }

  function finishSubAgents(toolUseId?: string): void {
    for (const [subagentRunId, parent] of subAgents) {
      if (parent === undefined || (toolUseId !== undefined && parent !== toolUseId)) continue
      subAgents.set(subagentRunId, undefined)
      write({ type: 'SUBAGENT_FINISHED', subagentRunId })
    }
  }

  function text(event: TokenEvent | ThinkingEvent): void {
    const { run: current, ended, isNew } = runs.add(event)
    endText(ended)
    if (isNew) beginText(current)
    const type = event.type === 'token' ? 'TEXT_MESSAGE_CONTENT' : 'REASONING_MESSAGE_CONTENT'
    if (event.text !== '') write({ type, messageId: current.id, delta: event.text })
  }

  function beginText(current: TextRun): void {
    const { first, lane } = current
    const subagentRunId = subAgentOf(first)
    const owner = subagentRunId === undefined ? {} : { subagentRunId }
    const { type, messageId: message, blockId } = first
    const block = JSON.stringify([lane, type, message, blockId])
    const isRefusal = type === 'token' && first.refusal === true
    const known = blockId === undefined || isRefusal ? undefined : blocks.get(block)
    const messageId = known ?? unique(blockId ?? message ?? (type === 'token' ? 'message' : 'reasoning'))
    current.id = messageId
    if (blockId !== undefined && !isRefusal) blocks.set(block, messageId)
    if (type === 'token') {
      const marks = metadataOf(isRefusal ? { refusal: true } : {})
      write({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...owner, ...marks })
    } else {
      write({ type: 'REASONING_START', messageId, ...owner })
      write({ type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning', ...owner })
    }
  }

  function endText(ended: TextRun | undefined): void {
    if (!ended) return
    const { first, id: messageId } = ended
    if (first.type === 'token') {
      write({ type: 'TEXT_MESSAGE_END', messageId })
    } else {
      write({ type: 'REASONING_MESSAGE_END', messageId })
      write({ type: 'REASONING_END', messageId })
    }
  }

  function custom(name: string, value: unknown, origin: Origin, marks: JsonObject = {}): void {
    const subagentRunId = subAgentOf(origin)
    const owner = subagentRunId === undefined ? {} : { subagentRunId }
    write({ type: 'CUSTOM', name, value: value ?? null, ...owner, ...metadataOf(marks) })
  }

  /** An event that AG-UI has none for. */
  function native(event: AgentEvent): void {
    // Not every event belongs somewhere; those that do not have none of these.
    custom(event.type, encodePayload(event), event as Origin, { isEvent: true })
  }

  function startStep(stepName: string, title?: string): void {
    if (steps.has(stepName)) return
    steps.set(stepName, 'open')
    write({ type: 'STEP_STARTED', stepName, ...metadataOf(title ? { title } : {}) })
  }

  function finishStep(stepName: string, marks: JsonObject = {}): void {
    startStep(stepName)
    if (steps.get(stepName) === 'closed') return
    steps.set(stepName, 'closed')
    write({ type: 'STEP_FINISHED', stepName, ...metadataOf(marks) })
  }

  /** AG-UI has no way back: what was taken back stays, closed, and what comes is told beside it. */
  function takeBack(event: RollbackEvent): void {
    for (const ended of runs.endAll()) endText(ended)
    blocks.clear()
    calls.rollback(run.snapshot().tools)
    native(event)
  }

  function close(state: RunState): void {
    start()
    for (const ended of runs.endAll()) endText(ended)
    calls.finish(state.tools)
    finishSubAgents()
    for (const [stepName, status] of steps) if (status === 'open') finishStep(stepName, { status: 'running' })
    hasEnded = true
  }

  function finish({ finishReason, model, usage }: DoneEvent): void {
    const state = run.snapshot()
    close(state)
    const counts = usageOf(model, usage)
    const more = counts ? { usage: [counts] } : {}
    if (state.outcome === 'failed') {
      const { errorType, message } = state.error ?? RUN_FAILED
      write({ type: 'RUN_ERROR', message, code: errorType, ...more })
    } else if (ids) {
      write({
        type: 'RUN_FINISHED',
        ...ids,
        outcome: outcomeOf(state),
        ...more,
        ...metadataOf({ finishReason: finishReason ?? null }),
      })
    }
  }

  function outcomeOf({ outcome, pendingInputs }: RunState): AgUiOutcome {
    if (outcome === 'stopped') return { type: 'cancelled' }
    const pendingToolCallIds = calls.pending()
    if (outcome !== 'awaiting_input') {
      return { type: 'success', ...(pendingToolCallIds.length > 0 && { pendingToolCallIds }) }
    }
    const interrupts = pendingInputs.map(({ inputId, kind, message, toolUseId, schema, expiresAt }) => ({
      id: inputId,
      reason: kind,
      ...(message !== '' && { message }),
      ...(toolUseId !== undefined && { toolCallId: calls.idOf(toolUseId) ?? toolUseId }),
      ...(isRecord(schema) && { responseSchema: schema }),
      ...(expiresAt !== undefined && { expiresAt }),
    }))
    return { type: 'interrupt', interrupts }
  }

  function add(event: AgentEvent): void {
    start(event.type === 'run_started' ? event.runId : undefined)
    if (isPart(event)) endText(runs.end(laneOf(event)))
    switch (event.type) {
      case 'run_started':
        break
      case 'token':
      case 'thinking':
        text(event)
        break
      case 'tool_use':
      case 'tool_input_delta':
      case 'tool_result':
        calls.sync(run.snapshot().tools, event.type === 'tool_input_delta' ? event.delta : '')
        break
      case 'step_started':
        startStep(event.stepId, event.title)
        break
      case 'step_completed': {
        const { stepId, status, durationMs } = event
        finishStep(stepId, { status, ...(durationMs !== undefined && { durationMs }) })
        break
      }
      case 'state_snapshot':
        write({ type: 'STATE_SNAPSHOT', snapshot: event.state ?? null })
        break
      case 'state_delta':
        if (event.patch.every(isOperation)) write({ type: 'STATE_DELTA', delta: event.patch })
        else native(event)
        break
      case 'custom':
        custom(event.name, event.value, event)
        break
      case 'rollback':
        takeBack(event)
        break
      case 'done':
        finish(event)
        break
      default:
        native(event)
    }
  }

  function take(): readonly AgUiEvent[] {
    const taken = events
    events = []
    return taken
  }

  return {
    encode(event) {
      if (run.apply(event)) add(event)
      return take()
    },
    end(error) {
      if (!hasEnded) {
        const state = endRun(run.snapshot(), 'closed')
        close(state)
        const { errorType, message } = error ?? (state.outcome === 'failed' ? state.error : null) ?? CUT_OFF
        write({ type: 'RUN_ERROR', message, code: errorType })
      }
      return take()
    },
  }
}

const CUT_OFF = { errorType: 'truncated', message: 'The stream ended before the run did' }

const POINTER = /^(\/([^/~]|~[01])*)*$/

/** One operation of a JSON Patch (RFC 6902), as AG-UI's clients insist on it. */
function isOperation(given: unknown): boolean {
  if (!isRecord(given)) return false
  const isPointer = (value: unknown) => typeof value === 'string' && POINTER.test(value)
  const { op, path, from, value } = given
  if (!isPointer(path)) return false
  if (op === 'move' || op === 'copy') return isPointer(from)
  return op === 'remove' || (['add', 'replace', 'test'].some((name) => name === op) && value !== undefined)
}

/** AG-UI counts in whole numbers; parts are included in the totals. */
function usageOf(model: string, usage: Usage | undefined): AgUiUsage | undefined {
  if (!usage) return undefined
  const { cacheReadTokens, cacheWriteTokens, ...same } = usage
  const counts = { ...same, cachedInputTokens: cacheReadTokens, cacheWriteInputTokens: cacheWriteTokens }
  const whole = Object.entries(counts).filter(
    ([, count]) => Number.isSafeInteger(count) && Number(count) >= 0,
  )
  return { ...(model !== '' && { model }), ...Object.fromEntries(whole) }
}
