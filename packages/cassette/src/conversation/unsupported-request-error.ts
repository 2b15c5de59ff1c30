/** A request that cannot be asked of the other provider without changing what it means; the message says why. */
export class UnsupportedRequestError extends Error {
  override readonly name = 'UnsupportedRequestError'
}

/** Ends the reading or building of a request: `reason` is a sentence without a full stop. */
export function unsupported(reason: string): never {
  throw new UnsupportedRequestError(reason)
}
