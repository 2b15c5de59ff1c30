import { unlessAborted } from './unless-aborted.ts'

/**
 * What the log needs of a client of the package `redis` (node-redis, version 5 or later), as `createClient` makes it:
 * RESP2 or RESP3, whatever its type mapping. Not a pool, a cluster, or a sentinel.
 */
export interface RedisClient {
  readonly isReady: boolean
  readonly options?: { readonly socket?: object } | undefined
  duplicate(overrides?: object): RedisClient
  connect(): Promise<unknown>
  destroy(): void
  sendCommand(args: readonly string[], options?: object): Promise<unknown>
  on(event: string, listener: () => void): unknown
}

/** A connection of one's own, like the client's. It never comes back by itself: once lost, it is lost. */
export async function openLike(
  client: RedisClient,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RedisClient> {
  const own = client.duplicate({
    socket: {
      ...client.options?.socket,
      connectTimeout: timeoutMs,
      socketTimeout: undefined,
      reconnectStrategy: false,
    },
    commandsQueueMaxLength: undefined,
    pingInterval: undefined,
    clientSideCache: undefined,
    emitInvalidate: undefined,
  })
  // Whoever waits for an answer is told; without a listener, Node would end the process.
  own.on('error', () => undefined)
  const connecting = own.connect()
  try {
    // A server that hangs takes the connection, and never greets.
    await unlessAborted(connecting, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
    return own
  } catch (error) {
    drop(own)
    connecting.then(
      () => drop(own),
      () => undefined,
    )
    throw error
  }
}

export function drop(client: RedisClient): void {
  try {
    client.destroy()
  } catch {
    // Version 5 throws for a client that has lost its connection: there is nothing left to drop.
  }
}
