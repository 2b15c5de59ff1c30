import {
  AgentStreamClient,
  type AgentStreamClientOptions,
  type ClientSnapshot,
  type Flush,
  type LifecycleSnapshot,
  type RecordedEvent,
  type RecordedSession,
  type StreamResult,
} from '@agent-stream/core'
import { applyPatch } from '@agent-stream/protocol/json-patch'

import { type Fault, sentEvents } from './fault.ts'
import { type ReplayOptions, replay } from './replay.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface RunOptions extends Omit<ReplayOptions, 'clock'> {
  /** The client's options. Its network and its clock are the run's own; `random` is 0 unless it is given. */
  readonly client?: Omit<AgentStreamClientOptions, 'fetch' | 'clock'>
  /** How long the end is waited for after the last event is due, in milliseconds. Default 3,600,000, an hour. */
  readonly limitMs?: number
}

/** A state that the client has shown. */
export interface ShownSnapshot {
  readonly atMs: number
  /** How often the run had been told from its beginning again: what was shown before such a restart is void. */
  readonly restarts: number
  readonly snapshot: ClientSnapshot
}

/** The lifecycle went from one state to another: `idle`, `streaming.connecting`, `streaming.open`, `retrying`, `done`, … */
export interface Transition {
  readonly atMs: number
  readonly from: string
  readonly to: string
}

export interface ReplayRequest {
  readonly atMs: number
  readonly method: string
  readonly url: string
  /** `null` where it is absent. */
  readonly lastEventId: string | null
  /** `null` where the request failed. */
  readonly status: number | null
}

/** All that became of a session in the client. Times are on the run's clock, from 0, in milliseconds. */
export interface RecordingRun {
  readonly session: RecordedSession
  /** What went wrong on the way, as asked. */
  readonly faults: readonly Fault[]
  /** The events as they were sent: the session's, but for faults that repeat or reorder them. */
  readonly sent: readonly RecordedEvent[]
  /** In order, the idle one first. */
  readonly snapshots: readonly ShownSnapshot[]
  readonly transitions: readonly Transition[]
  readonly flushes: readonly Flush[]
  readonly requests: readonly ReplayRequest[]
  /** The last snapshot. */
  readonly final: ClientSnapshot
  /** What `start()` resolved with; `null` if the run had not ended when the limit was reached. */
  readonly result: StreamResult | null
  readonly durationMs: number
}

/**
 * Plays a session to the real client on a clock of its own, in which hours take no time: nothing depends on the
 * machine. What the client is given (`getToken`, `headers`) must not wait for real time.
 */
export async function runRecording(
  session: RecordedSession,
  options: RunOptions = {},
): Promise<RecordingRun> {
  const { client: clientOptions, limitMs = 3_600_000, ...replayOptions } = options
  const clock = new VirtualClock()
  const snapshots: ShownSnapshot[] = []
  const transitions: Transition[] = []
  const flushes: Flush[] = []
  const requests: ReplayRequest[] = []
  const client = new AgentStreamClient({
    random: () => 0,
    applyPatch,
    ...clientOptions,
    clock,
    fetch: observed(replay(session, { ...replayOptions, clock }), requests, clock),
    onFlush(flush) {
      flushes.push(flush)
      clientOptions?.onFlush?.(flush)
    },
  })
  let restarts = 0
  const show = () => snapshots.push({ atMs: clock.now(), restarts, snapshot: client.getSnapshot() })
  show()
  client.subscribe(show)
  let from = stateOf(client.actor.getSnapshot())
  client.actor.subscribe((snapshot) => {
    const to = stateOf(snapshot)
    if (to !== from) transitions.push({ atMs: clock.now(), from, to })
    from = to
  })

  let result: StreamResult | null = null
  let failure: unknown
  const onRestart = () => restarts++
  client.start('/replay', {}, { onRestart }).then(
    (ended) => {
      result = ended
    },
    (cause) => {
      failure = cause
    },
  )
  await clock.run(() => result !== null || failure !== undefined, lastMs(session, options) + limitMs)
  if (failure !== undefined) throw failure
  const run = { snapshots: [...snapshots], transitions: [...transitions], flushes: [...flushes] }
  const durationMs = clock.now()
  const final = client.getSnapshot()
  // Of a run that has not ended, nothing is left behind.
  client.detach()
  const { faults = [] } = options
  const sent = sentEvents(session.events, faults)
  return { session, faults, sent, ...run, requests: [...requests], final, result, durationMs }
}

/** When the last event is due. */
function lastMs({ events }: RecordedSession, { speed = 1 }: ReplayOptions): number {
  const lastT = events.reduce((last, { t }) => Math.max(last, t), 0)
  return speed === 0 ? 0 : (lastT * 1000) / speed
}

/** `streaming.open` */
function stateOf({ value }: LifecycleSnapshot): string {
  return typeof value === 'string' ? value : Object.entries(value).flat().join('.')
}

function observed(to: typeof fetch, requests: ReplayRequest[], clock: VirtualClock): typeof fetch {
  return async (url, init) => {
    const index = requests.length
    const lastEventId = new Headers(init?.headers).get('last-event-id')
    const request = { atMs: clock.now(), method: init?.method ?? 'GET', url: String(url), lastEventId }
    requests.push({ ...request, status: null })
    const response = await to(url, init)
    requests[index] = { ...request, status: response.status }
    return response
  }
}
