import type { Clock } from '@agent-stream/server'

import { GatewayError } from './gateway-error.ts'

export interface RequestBodyOptions {
  /** In bytes. */
  readonly maxBytes: number
  /** How long the client may take for the next piece, in milliseconds; 0: for ever. */
  readonly stallTimeoutMs: number
  readonly clock: Clock
  readonly onChunk: (chunk: Uint8Array) => void
}

/** A request's body, read as fast as the API takes it. Throws `GatewayError` when it is too long, or does not go on. */
export async function* requestBody(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, stallTimeoutMs, clock, onChunk }: RequestBodyOptions,
): AsyncGenerator<Uint8Array, void> {
  const iterator = source[Symbol.asyncIterator]()
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await within(stallTimeoutMs, clock, iterator.next())
      if (done) return
      bytes += value.length
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      onChunk(value)
      yield value
    }
  } catch (error) {
    if (error instanceof GatewayError) throw error
    throw new GatewayError('client_closed', 'The request broke off')
  } finally {
    // Not awaited: it may wait for a piece that never comes.
    void iterator.return?.()?.catch(() => undefined)
  }
}

export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('request_too_large', `The request has more than ${maxBytes} bytes`)
}

async function within<T>(timeoutMs: number, clock: Clock, next: Promise<T>): Promise<T> {
  if (timeoutMs === 0) return next
  let timer: unknown
  const isLate = new Promise<never>((_, reject) => {
    const error = new GatewayError('request_stalled', 'The rest of the request does not come')
    timer = clock.setTimeout(() => reject(error), timeoutMs)
  })
  try {
    return await Promise.race([next, isLate])
  } finally {
    clock.clearTimeout(timer)
  }
}
