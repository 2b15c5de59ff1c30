import {
  type AgentEvent,
  type CreationEvent,
  type DoneEvent,
  type Payload,
  type ProgressEvent,
  payloadOf,
  type RunError,
  type StreamWarning,
  type ThinkingEvent,
  type ToolResultEvent,
  type ToolUseEvent,
  type TurnEvent,
} from '@agent-stream/protocol'

/** The `done` event, or what stands in its place when none came. */
export interface DonePayload extends Payload<DoneEvent> {
  /** The stream ended without `done`; the client wrote this one. */
  readonly isSynthetic?: boolean
}

/** What `start()` and `resume()` call as events arrive, before the state that holds them is published. */
export interface AgentStreamCallbacks {
  readonly onToken?: (text: string) => void
  readonly onThinking?: (event: Payload<ThinkingEvent>) => void
  /** For `tool_use` (status `running`) and `tool_result` (`done`, `error`). */
  readonly onToolUse?: (event: Payload<ToolUseEvent> | Payload<ToolResultEvent>) => void
  readonly onTurn?: (event: Payload<TurnEvent>) => void
  readonly onProgress?: (event: Payload<ProgressEvent>) => void
  readonly onCreation?: (event: Payload<CreationEvent>) => void
  /** An `error` event of the agent, or what ended the run in status `error`. */
  readonly onError?: (error: RunError) => void
  /** Exactly once for each `start()` and `resume()`: whatever ended it. */
  readonly onDone?: (done: DonePayload) => void
  /** Every event, these included. */
  readonly onEvent?: (event: AgentEvent) => void
  /** A frame that was passed over. */
  readonly onWarning?: (warning: StreamWarning) => void
  /** The run is told from its beginning again and its first event is here: what the other callbacks gave is void. */
  readonly onRestart?: () => void
}

/** Calls a listener; what it throws is its own affair and surfaces on a later task. */
export function notify<T extends unknown[]>(listener: ((...args: T) => void) | undefined, ...args: T): void {
  if (!listener) return
  try {
    listener(...args)
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}

const LISTENERS: Readonly<Partial<Record<AgentEvent['type'], keyof AgentStreamCallbacks>>> = {
  thinking: 'onThinking',
  tool_use: 'onToolUse',
  tool_result: 'onToolUse',
  turn: 'onTurn',
  progress: 'onProgress',
  creation: 'onCreation',
  error: 'onError',
}

/** Hands an event to its callbacks, of which the first may end the run. `done` is not among them: the end of the run is told once, by the client. */
export function dispatchEvent(
  callbacks: AgentStreamCallbacks,
  event: AgentEvent,
  hasEnded: () => boolean,
): void {
  if (event.type === 'token') {
    if (callbacks.onToken) notify(callbacks.onToken, event.text)
  } else {
    const name = LISTENERS[event.type]
    // The table pairs each listener with the event that it takes.
    const listener = name && (callbacks[name] as ((payload: unknown) => void) | undefined)
    if (listener) notify(listener, payloadOf(event))
  }
  if (callbacks.onEvent && !hasEnded()) notify(callbacks.onEvent, event)
}
