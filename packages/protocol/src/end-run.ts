import type { RunError } from './error.ts'
import type { DoneEvent } from './event.ts'
import type { RunState, Tool, ToolStatus } from './run-state.ts'

/**
 * What ended a run that no `done` ended. `closed`, the end of the stream, is `failed` when an error was its
 * last word and else `truncated`.
 */
export type EndReason = 'closed' | 'stopped' | 'failed'

/** The state of a run that goes on no further: nothing runs in it. A run that has ended stays as it is. */
export function endRun(state: RunState, reason: EndReason, error: RunError | null = state.error): RunState {
  if (state.outcome !== null) return state
  const outcome = reason !== 'closed' ? reason : state.lastEventType === 'error' ? 'failed' : 'truncated'
  return { ...closeTools(state, 'incomplete'), error, outcome }
}

/** The run ended so that the caller executes its tools, in the word of whichever wire. */
export function asksForTools({ finishReason = '' }: DoneEvent): boolean {
  return /^(tool[-_](calls|use)|function_call|requires_action)$/.test(finishReason)
}

/** The same state with an end to every tool that runs. */
export function closeTools(state: RunState, status: ToolStatus): RunState {
  if (state.activeTools.length === 0) return state
  const closed = new Map<Tool, Tool>()
  for (const tool of state.tools) if (tool.status === 'running') closed.set(tool, { ...tool, status })
  return {
    ...state,
    activeTools: [],
    tools: state.tools.map((tool) => closed.get(tool) ?? tool),
    parts: state.parts.map((part) => {
      const tool = part.type === 'tool' && closed.get(part.tool)
      return tool ? { type: 'tool', tool } : part
    }),
  }
}
