import {
  type AgentEvent,
  createSseReader,
  decodeEvent,
  decodePayload,
  type RecordedEvent,
  type RecordedSession,
} from '@agent-stream/protocol'

import type { Chunking } from './chunking.ts'
import { type EventFault, isEventFault, sentEvents } from './fault.ts'
import { replay } from './replay.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What a user interface shows of a run, as far as every user interface shows it. */
export interface RunView {
  readonly text: string
  /** Names of the tools that run, in any order. */
  readonly activeTools: readonly string[]
  readonly isDone: boolean
}

/** How an application of its own makes its state of the events, instead of this project's client. */
export interface Reducer<State> {
  readonly initial: State
  /** `seq` is the event's number, where it has one. */
  readonly reduce: (state: State, event: AgentEvent, seq: number | undefined) => State
  readonly view: (state: State) => RunView
}

export interface ReducerOptions {
  /** Default `'event'`. */
  readonly chunking?: Chunking
  readonly faults?: readonly EventFault[]
}

/** What is shown after an event. */
export interface ShownView {
  readonly event: AgentEvent
  readonly seq: number | undefined
  readonly view: RunView
}

/** All that became of a session in a reducer. */
export interface ReducerRun {
  readonly session: RecordedSession
  /** The events as they were sent: the session's, but for faults that repeat or reorder them. */
  readonly sent: readonly RecordedEvent[]
  /** After each event. */
  readonly views: readonly ShownView[]
  /** The last view. */
  readonly final: RunView
}

/**
 * Plays a session to a reducer, through the SSE reader and the decoder of this project. Frames that are no events are
 * passed over, and nothing follows on `done`. A stream that ends without one gets one in its place, as a client
 * without this project's runtime would make up.
 */
export async function runReducer<State>(
  session: RecordedSession,
  { initial, reduce, view }: Reducer<State>,
  options: ReducerOptions = {},
): Promise<ReducerRun> {
  const { faults = [] } = options
  if (!faults.every(isEventFault)) {
    throw new TypeError(
      'runReducer: a reducer has no connection to break; give the faults duplicate, reorder and crlf only',
    )
  }
  const clock = new VirtualClock()
  const views: ShownView[] = []
  let state = initial
  let isDone = false

  function take(event: AgentEvent, seq?: number): void {
    if (isDone) return
    isDone = event.type === 'done'
    state = reduce(state, event, seq)
    views.push({ event, seq, view: view(state) })
  }

  const reader = createSseReader({
    onMessage(message) {
      const event = decodeEvent(message)
      if (event.type !== 'warning') take(event, Number(message.id) || undefined)
    },
  })
  const response = await replay(session, { ...options, speed: 0, end: 'close', clock })('/replay')
  for await (const bytes of response.body ?? []) reader.feed(bytes)
  take(decodePayload('done', {}) as AgentEvent)
  const sent = sentEvents(session.events, faults)
  return { session, sent, views, final: view(state) }
}
