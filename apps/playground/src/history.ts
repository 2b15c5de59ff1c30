import type { AgentStreamClient, ClientStatus, Flush, LifecycleSnapshot } from '@agent-stream/core'
import { retryText, statusText } from './wording.ts'

export type Phase = ClientStatus | 'connecting' | 'stalled'

export interface Span {
  readonly phase: Phase
  /** Since the run began, as all times here. */
  readonly startMs: number
}

export interface FlushMark {
  readonly atMs: number
  readonly isText: boolean
  readonly textEvents: number
}

export interface Entry {
  readonly atMs: number
  readonly phase: Phase
  readonly text: string
}

/** What one client goes through in one run, told by its actor and its `onFlush`. */
export class RunHistory {
  spans: Span[] = []
  flushes: FlushMark[] = []
  entries: Entry[] = []
  /** When the run ended; `undefined` while it has not. */
  endMs: number | undefined
  #beganAtMs = 0
  #attempts = 0

  begin(nowMs: number): void {
    this.spans = []
    this.flushes = []
    this.entries = []
    this.endMs = undefined
    this.#beganAtMs = nowMs
    this.#attempts = 0
  }

  flushed({ reason, textEvents }: Flush): void {
    this.flushes.push({ atMs: this.#nowMs(), isText: reason !== 'event', textEvents })
  }

  /** Follows the client for as long as both exist. */
  watch(client: AgentStreamClient): void {
    let last: Phase = 'idle'
    client.actor.subscribe((snapshot) => {
      const phase = phaseOf(snapshot, client)
      if (phase === last) return
      last = phase
      this.#enter(phase, snapshot, client)
    })
  }

  #enter(phase: Phase, snapshot: LifecycleSnapshot, client: AgentStreamClient): void {
    const atMs = this.#nowMs()
    if (phase === 'connecting') this.#attempts++
    this.spans.push({ phase, startMs: atMs })
    this.entries.push({ atMs, phase, text: this.#words(phase, snapshot, client) })
    if (client.getSnapshot().isDone) this.endMs = atMs
  }

  #words(phase: Phase, snapshot: LifecycleSnapshot, client: AgentStreamClient): string {
    const state = client.getSnapshot()
    switch (phase) {
      case 'connecting':
        return requestText(snapshot.context.after, this.#attempts)
      case 'streaming':
        return 'The stream is open'
      case 'stalled':
        return 'Nothing has come for a minute'
      case 'retrying': {
        const reason = snapshot.context.dropError?.message ?? 'The connection was lost'
        return state.retry ? `${reason}. ${retryText(state.retry)}` : reason
      }
      default:
        return state.error && phase !== 'done'
          ? `${statusText(state)}: ${state.error.errorType}, ${state.error.message}`
          : statusText(state)
    }
  }

  #nowMs(): number {
    return performance.now() - this.#beganAtMs
  }
}

/** `after`: the last event that the client has of a run that the server keeps. */
function requestText(after: number | null, attempt: number): string {
  if (after === 0) return 'Asked for the run from its first event'
  if (after !== null) return `Asked for what comes after event ${after}`
  return attempt === 1 ? 'Request sent' : `Request repeated, attempt ${attempt}`
}

function phaseOf(snapshot: LifecycleSnapshot, client: AgentStreamClient): Phase {
  const { status, isStalled } = client.select(snapshot)
  if (status !== 'streaming') return status
  if (isStalled) return 'stalled'
  return snapshot.matches({ streaming: 'connecting' }) ? 'connecting' : 'streaming'
}
