import type { Comparison } from '../compare/comparator.ts'
import type { ToolCall } from '../conversation/conversation.ts'

/** Goes up when a field of the report changes its meaning or goes away. */
export const REPORT_VERSION = 1

/** What came of asking a corpus of another model. It is data only: `JSON.stringify` and `JSON.parse` keep it. */
export interface MigrationReport {
  readonly version: typeof REPORT_VERSION
  /** ISO 8601. */
  readonly generatedAt: string
  /** The corpus as it was named, for readers. */
  readonly corpus: string
  readonly baselineModels: readonly string[]
  readonly target: { readonly model: string; readonly provider: string }
  /** How often each prompt is asked. */
  readonly samples: number
  /** Names of the comparators, in the order of the columns. */
  readonly comparators: readonly string[]
  readonly counts: RowCounts
  readonly summary: readonly ComparatorSummary[]
  readonly totals: readonly Total[]
  readonly gate: Gate
  /** Empty where no prompt has a category. */
  readonly categories: readonly CategorySummary[]
  readonly rows: readonly ReportRow[]
  readonly pricing: readonly PricingNote[]
  readonly warnings: readonly string[]
}

/** `compared`, `skipped` and `errored` are prompts; `cached` and `live` are answers of the target. */
export interface RowCounts {
  readonly compared: number
  readonly skipped: number
  readonly errored: number
  readonly cached: number
  readonly live: number
}

export type RowStatus = 'compared' | 'skipped' | 'errored'

/** One prompt: what the recorded model answered, and what the target did. */
export interface ReportRow {
  /** From 1, in the order of the corpus. */
  readonly number: number
  readonly semanticKey: string
  readonly baselineId: string
  readonly prompt: { readonly preview: string; readonly text: string }
  readonly category: string | null
  readonly status: RowStatus
  /** Why it was not compared; `null` if it was. */
  readonly reason: string | null
  /** Whether every comparison passed; `null` where nothing was compared. */
  readonly passed: boolean | null
  readonly baseline: Answer | null
  readonly samples: readonly Sample[]
  readonly notes: readonly string[]
}

export interface Sample {
  readonly answer: Answer
  /** The answer stood in the corpus, and nothing was asked. */
  readonly isCached: boolean
  readonly comparisons: readonly Comparison[]
}

export interface Answer {
  readonly cassetteId: string
  readonly model: string
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly finishReason: string | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  /** Milliseconds from the request to the end of the answer. */
  readonly latencyMs: number | null
  /** Milliseconds from the request to the answer's first bytes. */
  readonly firstChunkMs: number | null
  /** ISO 8601. */
  readonly recordedAt: string | null
  /** One for each of the report's `pricing`; `null` where the model has no price or the tokens are not known. */
  readonly costs: readonly (Cost | null)[]
}

export interface Cost {
  readonly amount: number
  /** Some of the tokens have no price: it is a lower bound. */
  readonly isPartial: boolean
}

/** A share of prompts, with its 95 % confidence interval. */
export interface Rate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface ComparatorSummary {
  readonly comparator: string
  /** Prompts that it judged. */
  readonly compared: number
  /** Prompts of which all samples passed. */
  readonly passed: number
  readonly errors: number
  /** `null` where nothing was judged. */
  readonly passRate: Rate | null
  readonly meanScore: number | null
}

/** A figure of both sides over the prompts for which both have it. */
export interface Total {
  readonly metric: TotalMetric
  /** Which of the report's `pricing` a cost is counted by. */
  readonly pricing: string | null
  readonly currency: string | null
  readonly prompts: number
  readonly baseline: number
  readonly target: number
  /** Target by baseline; `null` where the baseline is 0. */
  readonly ratio: number | null
}

/** Sums of tokens and of cost; means of milliseconds. */
export type TotalMetric = 'inputTokens' | 'outputTokens' | 'latencyMs' | 'firstChunkMs' | 'cost'

export interface CategorySummary {
  /** `null`: the prompts without one. */
  readonly category: string | null
  readonly prompts: number
  readonly summary: readonly ComparatorSummary[]
  readonly totals: readonly Total[]
}

/** What `--strict` goes by. */
export interface Gate {
  readonly passed: boolean
  /** Without thresholds, every comparison has to pass. */
  readonly thresholds: readonly ThresholdResult[]
  /** Why it did not pass, or what was looked at. */
  readonly detail: string
}

export interface ThresholdResult {
  readonly comparator: string
  readonly threshold: number
  readonly passRate: number | null
  readonly errors: number
  readonly passed: boolean
  readonly detail: string
}

/** Where prices came from. */
export interface PricingNote {
  readonly profile: string
  readonly currency: string
  /** `latest`, `recorded`, or a date. */
  readonly asOf: string
  readonly snapshots: readonly PricingSnapshot[]
  /** Models that have no price in it. */
  readonly unknownModels: readonly string[]
}

export interface PricingSnapshot {
  readonly name: string
  /** YYYY-MM-DD. */
  readonly date: string
  /** The first 12 hexadecimal digits of its SHA-256. */
  readonly digest: string
}
