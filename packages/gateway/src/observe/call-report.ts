import type { TokenUsage } from '@agent-stream/cassette'
import type { BufferingVerdict } from '@agent-stream/protocol/buffering'

import type { RecordingChoice } from './observation.ts'

/**
 * - `complete`: the answer is whole
 * - `truncated`: it ended without a fault, before what its stream ends with
 * - `refused`: the API answered with an error, as status or in its stream
 * - `aborted`: the client left
 * - `failed`: the API could not be reached, or its answer broke off
 */
export type ReportedOutcome = 'complete' | 'truncated' | 'refused' | 'aborted' | 'failed'

/** Whether a call is recorded. `dropped`: there was no room for it; `cut`: for a part of it. */
export type RecordingResult = RecordingChoice | 'cut' | 'dropped'

/** A call that is over, in figures, and without secrets. Times are milliseconds since its start. */
export interface CallReport {
  readonly call: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly target: string
  readonly method: string
  /** Path and query, scrubbed. */
  readonly path: string
  /** Absent: there was no answer. */
  readonly status?: number
  /** As OpenTelemetry names it: `openai`, `anthropic`, …; the API's host where it is not known. */
  readonly provider: string
  /** `host` or `host:port`. */
  readonly server: string
  /** As OpenTelemetry names it: `chat`, `embeddings`, …; absent for what asks no model. */
  readonly operation?: string
  readonly requestModel?: string
  readonly responseModel?: string
  readonly isStream: boolean
  readonly outcome: ReportedOutcome
  /** What went wrong: the gateway's code, the API's, or the status. */
  readonly errorType?: string
  readonly message?: string
  readonly durationMs: number
  /** When the answer began. */
  readonly firstByteMs?: number
  /** When its first token came, or first thought, or first part of a tool's input. */
  readonly ttftMs?: number
  /** Between two messages with output, each; the first 10,000. */
  readonly gapsMs: readonly number[]
  readonly outputMessages: number
  /** From the first token on. */
  readonly tokensPerSecond?: number
  readonly usage?: TokenUsage
  /** In US dollars; absent where no price is known. */
  readonly costUsd?: number
  readonly finishReason?: string
  readonly requestBytes: number
  readonly responseBytes: number
  readonly chunks: number
  /** Whether something between here and the API held the answer back. */
  readonly upstream?: BufferingVerdict & { readonly advice: readonly string[] }
  /** What speaks for something between here and the client that holds the answer back. */
  readonly downstream?: { readonly because: string; readonly advice: readonly string[] }
  /** How long the client took nothing, in all. */
  readonly clientStalledMs: number
  readonly recording: RecordingResult
  /** What was asked and answered, scrubbed, where that is wanted. */
  readonly excerpt?: { readonly request: string; readonly response: string }
  readonly probe?: string
}
