import {
  createFold,
  decodePayload,
  endRun,
  type RecordedEvent,
  type RunState,
  type SessionEnd,
  type Tool,
} from '@agent-stream/protocol'
import { applyPatch } from '@agent-stream/protocol/json-patch'

import type { SessionInfo } from './recording-items.ts'

/** One tool call as the recording's clock saw it. */
interface ToolFigures {
  readonly name: string
  readonly status: Tool['status']
  /** From its call to its final result; absent where either is missing. */
  readonly durationMs?: number
}

/** What a recorded session shows of a run. */
export interface SessionFigures {
  readonly info: SessionInfo
  /** How the recording says it ended; `null` if it does not. */
  readonly end: SessionEnd | null
  /** The run's state at its end. */
  readonly state: RunState
  readonly eventCount: number
  /** By name. */
  readonly counts: Readonly<Record<string, number>>
  /** To its last event. */
  readonly durationMs: number
  /** To its first token. */
  readonly ttftMs?: number
  /** The longest pause between two events. */
  readonly longestPauseMs: number
  readonly tools: readonly ToolFigures[]
  /** No `done` came: a client makes one up. */
  readonly isSynthetic: boolean
}

export interface SessionMeter {
  event(event: RecordedEvent): void
  finish(end: SessionEnd | null): SessionFigures
}

/** Folds and times one session. `onTokenGap`: milliseconds between two tokens with nothing between them. */
export function createSessionMeter(info: SessionInfo, onTokenGap?: (ms: number) => void): SessionMeter {
  const fold = createFold({ applyPatch })
  const toolClock = createToolClock()
  const counts = new Map<string, number>()
  let eventCount = 0
  let lastMs = 0
  let ttftMs: number | undefined
  let longestPauseMs = 0
  let wasToken = false

  function time(event: RecordedEvent, isToken: boolean): void {
    const atMs = event.t * 1000
    if (isToken) {
      if (wasToken) onTokenGap?.(Math.max(0, atMs - lastMs))
      ttftMs ??= atMs
    }
    wasToken = isToken
    longestPauseMs = Math.max(longestPauseMs, atMs - lastMs)
    lastMs = Math.max(lastMs, atMs)
  }

  return {
    event(event) {
      eventCount++
      counts.set(event.event, (counts.get(event.event) ?? 0) + 1)
      const decoded = decodePayload(event.event, event.data)
      time(event, decoded.type === 'token')
      if (decoded.type === 'warning') fold.warn(decoded, event.seq)
      else if (fold.apply(decoded, event.seq) && decoded.type.startsWith('tool_'))
        toolClock.look(fold.snapshot().tools, lastMs)
    },
    finish(end) {
      const state = endRun(
        fold.snapshot(),
        end === 'aborted' ? 'stopped' : end === 'error' ? 'failed' : 'closed',
      )
      return {
        info,
        end,
        state,
        eventCount,
        counts: Object.fromEntries(counts),
        durationMs: Math.round(lastMs),
        ...(ttftMs !== undefined && { ttftMs: Math.round(ttftMs) }),
        longestPauseMs: Math.round(longestPauseMs),
        tools: toolClock.figures(state.tools),
        isSynthetic: state.done === null,
      }
    },
  }
}

/** Notes when the fold's tools began and ended: which event belongs to which tool is the fold's to know. */
function createToolClock() {
  const began = new Map<string, number>()
  const took = new Map<string, number>()
  let known: readonly Tool[] = []
  const idOf = ({ branchId = '', id }: Tool) => `${branchId} ${id}`
  return {
    look(tools: readonly Tool[], atMs: number): void {
      for (const [place, tool] of tools.entries()) {
        if (tool === known[place]) continue
        const id = idOf(tool)
        const startedAt = began.get(id)
        if (tool.status === 'running') began.set(id, startedAt ?? atMs)
        else if (startedAt !== undefined && !took.has(id)) took.set(id, Math.round(atMs - startedAt))
      }
      known = tools
    },
    figures: (tools: readonly Tool[]): ToolFigures[] =>
      tools.map((tool) => {
        const durationMs = took.get(idOf(tool))
        return { name: tool.name, status: tool.status, ...(durationMs !== undefined && { durationMs }) }
      }),
  }
}
