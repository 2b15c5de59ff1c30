import type { AgentEvent, RunState } from '../../src/index.ts'

const CUT_OFF = 'The stream ended before the run did'

/** What a run must still be after a way through another wire and back. */
export function facts({ text, thinking, tools, outcome, error }: RunState) {
  const same = tools.map(({ name, status, input, inputText, output, outputSummary, durationMs }) => {
    const whole = input === undefined ? (parsed(inputText) ?? (inputText || undefined)) : input
    // What failed is summed up by its output.
    const failure = typeof output === 'string' ? output : JSON.stringify(output)
    const summary = status === 'error' ? outputSummary || failure || '' : outputSummary
    const result = status === 'done' || status === 'error' ? [summary, durationMs] : []
    return JSON.stringify([name || 'tool', status, whole, output, ...result])
  })
  return {
    text,
    thinking,
    tools: same.sort(),
    // Other wires know no run that was cut off.
    outcome: outcome === 'truncated' ? 'failed' : outcome,
    error: outcome === 'truncated' ? CUT_OFF : outcome === 'failed' ? error?.message : undefined,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A tool is called the same in its call and its result: other wires know one name only, the first. And no text is
 * empty: they do not say what says nothing.
 */
export function withOneName(events: readonly AgentEvent[]): AgentEvent[] {
  const said = events.filter(
    (event) => !(event.type === 'token' || event.type === 'thinking') || event.text !== '',
  )
  return said.map((event) => ('toolName' in event ? { ...event, toolName: `use-${event.toolUseId}` } : event))
}
