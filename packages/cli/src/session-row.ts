import type { SessionFigures } from './session-figures.ts'

/** A session as `query` knows it: what `--where` compares, and what `--json` shows. */
export interface SessionRow {
  readonly [field: string]: unknown
  readonly session: string
  readonly outcome: string
}

/** The fields of a row, with what they say. */
export const SESSION_FIELDS: Readonly<Record<string, string>> = {
  session: 'its id',
  file: 'the file that it is in',
  started_at: 'ISO 8601; compares as text: started_at >= 2026-01-31',
  outcome: 'complete, failed, truncated, stopped, incomplete, awaiting_tools, awaiting_input',
  end: 'what the recording says: complete, aborted, error; null without a word',
  synthetic: 'true where no "done" came',
  reconciled: 'true, false or unchecked',
  duration_ms: 'to the last event',
  ttft_ms: 'to the first token',
  longest_pause_ms: 'between two events',
  event_count: 'all events',
  events: 'by name: events.token > 1000',
  turns: 'as the last "turn" or "done" said',
  model: 'as "done" says, or the header',
  tools: 'names of the tools that were called',
  failed_tools: 'those with status "error"',
  hung_tools: 'those that the run ended without a result of',
  tool_ms: 'the longest call by name: tool_ms.search > 2s',
  error_type: 'of the last error',
  error_message: 'of the last error',
  warnings: 'frames that could not be read',
  meta: 'what the header says besides: meta.user = ada',
  text: 'what the agent said (not shown)',
}

export function sessionRow(figures: SessionFigures, file: string): SessionRow {
  const { info, state, tools } = figures
  const named = (status: string) =>
    unique(tools.filter((tool) => tool.status === status).map(({ name }) => name))
  return {
    session: info.id,
    file,
    started_at: info.startedAt,
    outcome: state.outcome ?? '',
    end: figures.end,
    synthetic: figures.isSynthetic,
    reconciled: state.reconciled,
    duration_ms: figures.durationMs,
    ttft_ms: figures.ttftMs,
    longest_pause_ms: figures.longestPauseMs,
    event_count: figures.eventCount,
    events: figures.counts,
    turns: state.done?.numTurns || state.turn?.turnNumber || 0,
    model: state.done?.model || info.metadata.model,
    tools: unique(tools.map(({ name }) => name)),
    failed_tools: named('error'),
    hung_tools: named('incomplete'),
    tool_ms: longestCalls(figures),
    error_type: state.error?.errorType,
    error_message: state.error?.message,
    warnings: state.warningCount,
    meta: info.metadata,
    text: state.text,
  }
}

function longestCalls({ tools }: SessionFigures): Record<string, number> {
  const longest: Record<string, number> = Object.create(null)
  for (const { name, durationMs } of tools)
    if (durationMs !== undefined) longest[name] = Math.max(longest[name] ?? 0, durationMs)
  return longest
}

const unique = (names: readonly string[]): string[] => [...new Set(names)]
