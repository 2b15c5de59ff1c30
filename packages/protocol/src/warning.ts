export type WarningCode =
  /** The data is not JSON, not an object, or lacks what its event cannot do without. */
  | 'malformed_frame'
  /** An event name that the protocol does not know. */
  | 'unknown_event'
  /** The final packet counts other events or another text than were received. */
  | 'not_reconciled'
  /** A `state_delta` that does not fit the shared state: it changed nothing. */
  | 'patch_failed'
  /** A `state_delta`, and no `applyPatch` was given: the shared state is no longer the server's. Said once. */
  | 'patch_unsupported'

/** Something in the stream that was passed over. It never ends the stream. */
export interface StreamWarning {
  readonly type: 'warning'
  readonly code: WarningCode
  readonly message: string
  /** The frame's event name, where there is a frame. */
  readonly event?: string
  /** The frame's data, cut to 200 characters. */
  readonly data?: string
}

const EXCERPT_CHARS = 200

export function frameWarning(code: WarningCode, event: string, data: string, message: string): StreamWarning {
  return { type: 'warning', code, message, event, data: data.slice(0, EXCERPT_CHARS) }
}
