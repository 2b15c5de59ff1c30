import type { HostileDialect, ShownOutcome } from './case.ts'

export interface ShownTool {
  readonly name: string
  /** `open`: it has no result, and is not shown as running any more. */
  readonly status: 'running' | 'done' | 'error' | 'open'
  readonly output?: string | undefined
}

/** What a client shows its user when a run has ended. */
export interface Shown {
  readonly outcome: ShownOutcome
  /** The answer's text. */
  readonly text: string
  readonly tools: readonly ShownTool[]
  /** An error is shown, or was told. */
  readonly hasError: boolean
  /** It is shown that messages are missing. */
  readonly isGapShown?: boolean
}

/** A client that the cases are pointed at. */
export interface HostileDriver {
  readonly name: string
  readonly dialect: HostileDialect
  /**
   * Has the client POST to `url` and read the answer, and resolves with what it shows when it is over. The user stops
   * the run when `signal` is aborted.
   */
  run(request: { readonly url: string; readonly signal: AbortSignal }): Promise<Shown>
}

/** What was seen of a run, by the client and around it. */
export interface Observed extends Omit<Shown, 'outcome'> {
  /** `hanging`: it did not end in time. `threw`: the driver, and so the client, threw. */
  readonly outcome: ShownOutcome | 'hanging' | 'threw'
  readonly requests: number
  /** The shortest time between two requests; `Infinity` if there were not two. */
  readonly shortestGapMs: number
  /** The server still has a connection. */
  readonly isOpen: boolean
  readonly durationMs: number
  /** What the process grew by. */
  readonly memoryMiB: number
  /** Messages of rejections that nobody handled. */
  readonly unhandled: readonly string[]
}
