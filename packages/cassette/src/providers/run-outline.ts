import {
  type AgentEvent,
  type AgentEventType,
  createFold,
  type EndReason,
  endRun,
  type RunState,
  type StreamWarning,
} from '@agent-stream/protocol'

/** How a run goes and ends, without what it says: it does not grow with the answer. */
export interface RunOutline {
  take(item: AgentEvent | StreamWarning): void
  /** The state so far, all texts empty; `reason` is what ended the run where it did not end itself. */
  state(reason?: EndReason): RunState
}

/** Events of which an answer has any number: the first says that there are some. */
const MANY: ReadonlySet<AgentEventType> = new Set(['token', 'thinking', 'custom', 'source_added', 'file'])

export function createRunOutline(): RunOutline {
  const run = createFold()
  const seen = new Set<AgentEventType>()
  let last: AgentEventType | undefined

  return {
    take(item) {
      if (item.type === 'warning') {
        run.warn(item)
        return
      }
      // An error that something follows was not the last word.
      if (MANY.has(item.type) && seen.has(item.type) && last !== 'error') return
      seen.add(item.type)
      last = item.type
      run.apply(withoutText(item))
    },
    state: (reason) => (reason === undefined ? run.snapshot() : endRun(run.snapshot(), reason)),
  }
}

function withoutText(event: AgentEvent): AgentEvent {
  switch (event.type) {
    case 'token':
    case 'thinking':
      return { ...event, text: '' }
    case 'tool_input_delta':
      return { ...event, delta: '' }
    case 'tool_use': {
      const { input: _, ...rest } = event
      return rest
    }
    case 'tool_result': {
      const { output: _, ...rest } = event
      return { ...rest, outputSummary: '' }
    }
    case 'custom':
      return { type: 'custom', name: event.name }
    case 'file':
      return { ...event, url: '' }
    default:
      return event
  }
}
