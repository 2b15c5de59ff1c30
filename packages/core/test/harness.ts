import {
  AgentStreamClient,
  type AgentStreamClientOptions,
  type DonePayload,
  type Flush,
  type RunError,
} from '../src/index.ts'
import { type BodyStep, type ScriptedResponse, SimulatedClock, scriptedFetch } from '../src/testing/index.ts'

/** One event as SSE text. */
export function sse(event: string, data: unknown = {}, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

export const token = (text: string, id?: number): string => sse('token', { text }, id)
export const toolUse = (id: string, seq?: number): string =>
  sse('tool_use', { tool_name: 'search', tool_use_id: id }, seq)
export const toolResult = (id: string, seq?: number): string =>
  sse('tool_result', { tool_name: 'search', tool_use_id: id, status: 'done' }, seq)
export const done = (data: unknown = {}, id?: number): string => sse('done', data, id)
/** The first event of the run `r1`. */
export const started = (data: object = {}): string =>
  sse('run_started', { run_id: 'r1', protocol: '1', ...data }, 1)

/** Where the events of the run `r1` are. */
export const EVENTS = '/runs/r1/events'

/** A network that is gone. */
export const LOST = { networkError: true }

/** The answer of a server that keeps the run `r1`. */
export function durable(response: ScriptedResponse): ScriptedResponse {
  return { ...response, headers: { 'content-type': 'text/event-stream', 'content-location': EVENTS } }
}

/** A client on a scripted network and a simulated clock, and a log of what it told. */
export function setUp(responses: readonly ScriptedResponse[], options: AgentStreamClientOptions = {}) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  const flushes: Flush[] = []
  const onFlush = (flush: Flush) => flushes.push(flush)
  const client = new AgentStreamClient({ fetch, clock, random: () => 0, onFlush, ...options })
  const told: { tokens: string[]; errors: RunError[]; dones: DonePayload[]; restarts: number } = {
    tokens: [],
    errors: [],
    dones: [],
    restarts: 0,
  }
  const callbacks = {
    onToken: (text: string) => told.tokens.push(text),
    onError: (error: RunError) => told.errors.push(error),
    onDone: (payload: DonePayload) => told.dones.push(payload),
    onRestart: () => told.restarts++,
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
    flushes,
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
