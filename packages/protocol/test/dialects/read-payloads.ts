import {
  type AgentEvent,
  createFold,
  type Dialect,
  endRun,
  type RunState,
  type StreamWarning,
} from '../../src/index.ts'

/** What a dialect makes of these payloads, the end of the response included. Text stands for itself. */
export function readPayloads(dialect: Dialect, ...payloads: unknown[]): (AgentEvent | StreamWarning)[] {
  const decoder = dialect.createDecoder()
  const events = payloads.flatMap((payload) => {
    const data = typeof payload === 'string' ? payload : JSON.stringify(payload)
    return decoder.decode({ data, event: undefined, id: undefined })
  })
  return [...events, ...decoder.end()]
}

/** The state after that, of a response that was closed. */
export function foldPayloads(dialect: Dialect, ...payloads: unknown[]): RunState {
  const fold = createFold()
  for (const event of readPayloads(dialect, ...payloads)) {
    if (event.type === 'warning') fold.warn(event)
    else fold.apply(event)
  }
  return endRun(fold.snapshot(), 'closed')
}
