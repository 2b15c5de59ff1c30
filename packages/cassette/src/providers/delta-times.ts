import type { AgentEvent } from '@agent-stream/protocol'

/** When an answer's pieces came, in milliseconds from the request's start. */
export interface DeltaTimes {
  /** The first text, thought or tool argument: time to first token. */
  readonly firstDeltaMs: number | null
  readonly lastDeltaMs: number | null
  /** Texts, thoughts and pieces of tool arguments that came one by one. */
  readonly deltaCount: number
}

export interface DeltaClock {
  note(atMs: number): void
  times(): DeltaTimes
}

/** `onDelta` is told the time since the piece before, null for the first. */
export function createDeltaClock(onDelta?: (atMs: number, gapMs: number | null) => void): DeltaClock {
  let firstDeltaMs: number | null = null
  let lastDeltaMs: number | null = null
  let deltaCount = 0
  return {
    note(atMs) {
      onDelta?.(atMs, lastDeltaMs === null ? null : atMs - lastDeltaMs)
      firstDeltaMs ??= atMs
      lastDeltaMs = atMs
      deltaCount++
    },
    times: () => ({ firstDeltaMs, lastDeltaMs, deltaCount }),
  }
}

export function isDelta({ type }: AgentEvent): boolean {
  return type === 'token' || type === 'thinking' || type === 'tool_input_delta'
}
