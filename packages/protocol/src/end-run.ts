import type { RunError } from './error.ts'
import type { Part, RunState, Tool } from './run-state.ts'

/**
 * What ended a run that no `done` ended. `closed`, the end of the stream, is `failed` when an error was its
 * last word and else `truncated`.
 */
export type EndReason = 'closed' | 'stopped' | 'failed'

/** The state of a run that goes on no further: nothing runs in it. A run that has ended stays as it is. */
export function endRun(state: RunState, reason: EndReason, error: RunError | null = state.error): RunState {
  if (state.outcome !== null) return state
  const ended = new Map<Tool, Tool>()
  for (const tool of state.tools)
    if (tool.status === 'running') ended.set(tool, { ...tool, status: 'incomplete' })
  const endPart = (part: Part): Part => {
    const tool = part.type === 'tool' && ended.get(part.tool)
    return tool ? { type: 'tool', tool } : part
  }
  return {
    ...state,
    error,
    outcome: reason !== 'closed' ? reason : state.lastEventType === 'error' ? 'failed' : 'truncated',
    activeTools: [],
    ...(ended.size > 0 && {
      tools: state.tools.map((tool) => ended.get(tool) ?? tool),
      parts: state.parts.map(endPart),
    }),
  }
}
