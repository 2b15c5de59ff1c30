import type { Outcome } from '@agent-stream/protocol'

import { createQuantileSketch, type QuantileSketch } from './quantile-sketch.ts'
import type { SessionFigures } from './session-figures.ts'

/** Quantiles in milliseconds, each within 0.1 %; `null` where nothing was measured. */
export interface Quantiles {
  readonly count: number
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  readonly p99_ms: number | null
  readonly max_ms: number | null
}

interface ToolStats extends Quantiles {
  readonly name: string
  readonly calls: number
  readonly errors: number
  /** Calls that the run ended without a result of. */
  readonly hung: number
}

/** What many sessions show together; the shape of `stats --json`. */
export interface CorpusStats {
  readonly sessions: number
  readonly events: number
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
  /** Sessions without `done`. */
  readonly synthetic_ends: number
  /** Sessions in which a tool hung. */
  readonly sessions_with_hung_tools: number
  readonly ttft: Quantiles
  readonly inter_token: Quantiles
  readonly duration: Quantiles
  /** Those called most first. */
  readonly tools: readonly ToolStats[]
  /** Sessions by the type of their last error, the most frequent first. */
  readonly errors: readonly { readonly error_type: string; readonly sessions: number }[]
}

export interface StatsCollector {
  add(figures: SessionFigures): void
  addTokenGap(ms: number): void
  stats(): CorpusStats
}

/** Names of tools and errors come from the recordings: beyond so many, the rest is counted together. */
const MAX_NAMES = 1000
const OTHERS = '(others)'

export function createStatsCollector(): StatsCollector {
  const outcomes = new Map<Outcome, number>()
  const tools = new Map<string, ToolTally>()
  const errors = new Map<string, number>()
  const ttft = createQuantileSketch()
  const tokenGaps = createQuantileSketch()
  const durations = createQuantileSketch()
  const totals = { sessions: 0, events: 0, synthetic: 0, hung: 0 }

  function addTools(figures: SessionFigures): void {
    for (const { name, status, durationMs } of figures.tools) {
      const tally = entryOf(tools, name, newTally)
      tally.calls++
      if (status === 'error') tally.errors++
      if (status === 'incomplete') tally.hung++
      if (durationMs !== undefined) tally.latency.add(durationMs)
    }
  }

  return {
    add(figures) {
      const { state, eventCount, durationMs, ttftMs, isSynthetic } = figures
      totals.sessions++
      totals.events += eventCount
      if (isSynthetic) totals.synthetic++
      if (state.tools.some(({ status }) => status === 'incomplete')) totals.hung++
      if (state.outcome) outcomes.set(state.outcome, (outcomes.get(state.outcome) ?? 0) + 1)
      durations.add(durationMs)
      if (ttftMs !== undefined) ttft.add(ttftMs)
      if (state.error) {
        const name =
          errors.has(state.error.errorType) || errors.size < MAX_NAMES ? state.error.errorType : OTHERS
        errors.set(name, (errors.get(name) ?? 0) + 1)
      }
      addTools(figures)
    },
    addTokenGap: (ms) => tokenGaps.add(ms),
    stats: () => ({
      sessions: totals.sessions,
      events: totals.events,
      outcomes: Object.fromEntries(outcomes),
      synthetic_ends: totals.synthetic,
      sessions_with_hung_tools: totals.hung,
      ttft: quantilesOf(ttft),
      inter_token: quantilesOf(tokenGaps),
      duration: quantilesOf(durations),
      tools: [...tools]
        .map(([name, { latency, ...counts }]) => ({ name, ...counts, ...quantilesOf(latency) }))
        .sort((a, b) => b.calls - a.calls),
      errors: [...errors]
        .map(([error_type, sessions]) => ({ error_type, sessions }))
        .sort((a, b) => b.sessions - a.sessions),
    }),
  }
}

interface ToolTally {
  calls: number
  errors: number
  hung: number
  readonly latency: QuantileSketch
}

const newTally = (): ToolTally => ({ calls: 0, errors: 0, hung: 0, latency: createQuantileSketch() })

function entryOf<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  const key = map.has(name) || map.size < MAX_NAMES ? name : OTHERS
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}

function quantilesOf(sketch: QuantileSketch): Quantiles {
  const at = (share: number) => {
    const value = sketch.quantile(share)
    return value === undefined ? null : Number(value.toPrecision(3))
  }
  return {
    count: sketch.count,
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    p99_ms: at(0.99),
    max_ms: sketch.max ?? null,
  }
}
