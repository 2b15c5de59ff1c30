import { Pool } from 'undici'

import type { CallRequest } from './call.ts'

/** How long an API may take. None is for a whole call: a stream may last. */
export interface UpstreamTimeouts {
  /** For a connection, in milliseconds. */
  readonly connectTimeoutMs: number
  /** Until the answer begins, once the request is sent. */
  readonly firstByteTimeoutMs: number
  /** Between two pieces of the answer. */
  readonly idleTimeoutMs: number
}

export type DispatchHandler = Parameters<Pool['dispatch']>[1]

/** Connections to APIs: HTTP/1.1, kept alive, as many as there are calls. */
export interface Upstream {
  dispatch(request: CallRequest, handler: DispatchHandler): void
  /** Connections that are open. */
  readonly connections: number
  /** Closes them, also those in use. */
  destroy(): Promise<void>
}

export function createUpstream(timeouts: UpstreamTimeouts, maxHeaderBytes: number): Upstream {
  const pools = new Map<string, Pool>()

  function poolOf(origin: string): Pool {
    const known = pools.get(origin)
    if (known) return known
    const pool = new Pool(origin, {
      // A call takes one connection: what is behind it would wait for its end.
      pipelining: 1,
      allowH2: false,
      // Else small requests may wait for the acknowledgement of their beginning.
      connect: { timeout: timeouts.connectTimeoutMs, noDelay: true },
      headersTimeout: timeouts.firstByteTimeoutMs,
      bodyTimeout: timeouts.idleTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
    })
    pools.set(origin, pool)
    return pool
  }

  return {
    dispatch({ target, method, path, headers, body }, handler) {
      // Given as they are, in their order; `dispatch` copies the list.
      const options = { method, path, headers: headers as string[], body: body ?? null }
      poolOf(target.origin).dispatch(options as Parameters<Pool['dispatch']>[0], handler)
    },
    get connections() {
      return [...pools.values()].reduce((sum, { stats }) => sum + stats.connected, 0)
    },
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}
