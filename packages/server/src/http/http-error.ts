/** An answer that says why there is no other. */
export type HttpErrorCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'not_found'
  | 'unknown_run'
  | 'unknown_input'
  | 'method_not_allowed'
  | 'log_rewound'
  | 'input_answered'
  | 'run_ended'
  | 'input_expired'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'idempotency_conflict'
  | 'overloaded'
  | 'internal_error'
  | 'log_unavailable'

const STATUSES: Readonly<Record<HttpErrorCode, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  not_found: 404,
  unknown_run: 404,
  unknown_input: 404,
  method_not_allowed: 405,
  log_rewound: 409,
  input_answered: 409,
  run_ended: 409,
  input_expired: 410,
  body_too_large: 413,
  unsupported_media_type: 415,
  idempotency_conflict: 422,
  overloaded: 429,
  internal_error: 500,
  log_unavailable: 503,
}

export interface HttpErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the JSON body. */
  readonly details?: Readonly<Record<string, unknown>>
}

export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly headers: Readonly<Record<string, string>>
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: HttpErrorCode, message: string, { headers = {}, details = {} }: HttpErrorOptions = {}) {
    super(message)
    this.code = code
    this.headers = headers
    this.details = details
  }

  toResponse(): Response {
    const { code, message, details, headers } = this
    return json({ code, message, ...details }, STATUSES[code], headers)
  }
}

/** Answers are one user's, and true only now: nobody in between keeps them. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } })
}
