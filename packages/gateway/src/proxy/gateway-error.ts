export type GatewayErrorCode =
  | 'invalid_target'
  | 'unauthorized'
  | 'request_too_large'
  | 'request_stalled'
  | 'not_recorded'
  | 'upstream_unreachable'
  | 'upstream_failed'
  | 'upstream_connect_timeout'
  | 'upstream_timeout'
  | 'client_closed'
  | 'client_stalled'
  | 'shutting_down'

const STATUS: Readonly<Record<GatewayErrorCode, number>> = {
  invalid_target: 400,
  unauthorized: 401,
  not_recorded: 404,
  request_stalled: 408,
  request_too_large: 413,
  // Nobody is there to read these two.
  client_closed: 499,
  client_stalled: 499,
  upstream_unreachable: 502,
  upstream_failed: 502,
  shutting_down: 503,
  upstream_connect_timeout: 504,
  upstream_timeout: 504,
}

/** What the gateway itself has to say, where the API gave no answer. Its message holds nothing of the call's. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: GatewayErrorCode
  /** What else is said in the answer. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: GatewayErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }

  get status(): number {
    return STATUS[this.code]
  }

  /** In the form that the SDKs of OpenAI and Anthropic read. */
  get body(): string {
    const { code, message, details } = this
    return JSON.stringify({ error: { type: 'gateway_error', code, message, ...details } })
  }
}
