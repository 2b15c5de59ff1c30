import {
  AgentStreamClient,
  type AgentStreamClientOptions,
  type DonePayload,
  type RunError,
} from '../src/index.ts'
import { type BodyStep, type ScriptedResponse, SimulatedClock, scriptedFetch } from '../src/testing/index.ts'

/** One event as SSE text. */
export function sse(event: string, data: unknown = {}, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

export const token = (text: string, id?: number): string => sse('token', { text }, id)
export const toolUse = (id: string): string => sse('tool_use', { tool_name: 'search', tool_use_id: id })
export const toolResult = (id: string): string =>
  sse('tool_result', { tool_name: 'search', tool_use_id: id, status: 'done' })
export const done = (data: unknown = {}): string => sse('done', data)

/** A client on a scripted network and a simulated clock, and a log of what it told. */
export function setUp(responses: readonly ScriptedResponse[], options: AgentStreamClientOptions = {}) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  const client = new AgentStreamClient({ fetch, clock, random: () => 0, ...options })
  const told: { tokens: string[]; errors: RunError[]; dones: DonePayload[] } = {
    tokens: [],
    errors: [],
    dones: [],
  }
  const callbacks = {
    onToken: (text: string) => told.tokens.push(text),
    onError: (error: RunError) => told.errors.push(error),
    onDone: (payload: DonePayload) => told.dones.push(payload),
  }
  const statuses: string[] = []
  client.subscribe(() => {
    const { status } = client.getSnapshot()
    if (statuses.at(-1) !== status) statuses.push(status)
  })
  return {
    client,
    clock,
    fetch,
    requests,
    told,
    statuses,
    start: () => client.start('/chat', { message: 'hi' }, callbacks),
    callbacks,
  }
}

/** A stream that ends well. */
export function answer(...body: BodyStep[]): ScriptedResponse {
  return { body: [...body, done()] }
}

/** A stream that breaks after its last step. */
export function broken(...body: BodyStep[]): ScriptedResponse {
  return { body, end: 'drop' }
}
