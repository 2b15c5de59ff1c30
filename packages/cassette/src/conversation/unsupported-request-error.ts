/** A request that cannot be asked of the other provider without changing what it means; the message says why. */
export class UnsupportedRequestError extends Error {
  override readonly name = 'UnsupportedRequestError'
}
