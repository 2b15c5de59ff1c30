export type CassetteErrorCode =
  /** No recording answers the request, and there is no network to ask. */
  | 'miss'
  /** There is a recording, but it broke off. */
  | 'partial'
  /** The recording is older than `expiry` allows. */
  | 'expired'
  /** A stored cassette is damaged. */
  | 'unreadable'
  /** A secret was left after scrubbing, and `strict` forbids to write it. */
  | 'secret_left'
  /** The recording could not be stored. */
  | 'not_stored'

/** Expected trouble with cassettes. Its message carries no secret. */
export class CassetteError extends Error {
  override readonly name = 'CassetteError'
  readonly code: CassetteErrorCode

  constructor(code: CassetteErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
