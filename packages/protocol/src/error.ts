export type AgentStreamErrorCode =
  /** The server answered with a status of 400 or more. */
  | 'http_error'
  /** The connection could not be made or broke, and every retry with it. */
  | 'network_error'
  /** The server answered 200 with something other than an event stream. */
  | 'not_event_stream'
  /** One SSE message is larger than the limit. */
  | 'message_too_large'

/** What the run state keeps of an error: the agent's own `error` event, or what broke the stream. */
export interface RunError {
  readonly errorType: string
  readonly message: string
  readonly details?: unknown
}

export interface AgentStreamErrorOptions {
  /** Whether the same request may succeed later. Default false. */
  readonly retryable?: boolean
  /** The HTTP status, where one was received. */
  readonly status?: number
  readonly details?: unknown
  readonly cause?: unknown
}

/** Expected trouble with a stream. `errorType` is its `code`, so that it reads like the agent's own errors. */
export class AgentStreamError extends Error implements RunError {
  override readonly name = 'AgentStreamError'
  declare readonly code: AgentStreamErrorCode
  declare readonly retryable: boolean
  declare readonly status: number | undefined
  declare readonly details: unknown

  constructor(code: AgentStreamErrorCode, message: string, options: AgentStreamErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.retryable = !!options.retryable
    this.status = options.status
    this.details = options.details
  }

  get errorType(): string {
    return this.code
  }

  toJSON(): RunError {
    return { errorType: this.code, message: this.message, details: this.details }
  }
}
