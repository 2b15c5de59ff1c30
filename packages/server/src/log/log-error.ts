export type LogErrorCode =
  /** There is no such run: it never was, or it has expired. */
  | 'not_found'
  /** Another process has taken the run over. */
  | 'fenced'
  /** The run has ended: nothing is added to it. */
  | 'ended'
  /** The log ends before the number given: the engine lost its newest events (failover, restored backup). */
  | 'rewound'
  /** The engine cannot be reached, or cannot write (disk full). The same call may succeed later. */
  | 'unavailable'
  /** The folder belongs to another process. */
  | 'locked'
  /** The log was closed. */
  | 'closed'

export interface LogErrorOptions {
  /** With `rewound`: the last number that the log has. */
  readonly last?: number
  readonly cause?: unknown
}

/** Expected trouble with a log. */
export class LogError extends Error {
  override readonly name = 'LogError'
  readonly code: LogErrorCode
  readonly last: number | undefined

  constructor(code: LogErrorCode, message: string, { last, ...options }: LogErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.last = last
  }

  get retryable(): boolean {
    return this.code === 'unavailable'
  }
}
