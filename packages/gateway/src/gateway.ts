import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type Clock, systemClock } from '@agent-stream/server'

import { forwardFetch } from './proxy/fetch-front.ts'
import { createNodeFront } from './proxy/node-front.ts'
import { Switchboard } from './proxy/switchboard.ts'
import { createTargets, type TargetOptions } from './proxy/target.ts'
import { createUpstream } from './proxy/upstream.ts'

export interface GatewayOptions {
  /** The API's address, or those of several with their prefixes. Nothing in a request chooses another host. */
  readonly target: string | readonly TargetOptions[]
  /** What clients have to send in `x-agent-stream-key`. Default: they need none. */
  readonly clientKey?: string
  /** The largest request body, in bytes. Default 536,870,912 (512 MiB). */
  readonly maxRequestBytes?: number
  /** The most that the headers of a request or an answer may have, in bytes. Default 65,536. */
  readonly maxHeaderBytes?: number
  /** For a connection to the API, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** From the request until the answer begins, in milliseconds; 0: for ever. Default 600,000. */
  readonly firstByteTimeoutMs?: number
  /** Between two pieces of an answer, in milliseconds; 0: for ever. Default 300,000. */
  readonly idleTimeoutMs?: number
  /** How long a client may send nothing of its request, or take nothing of the answer, in ms; 0: for ever. Default 300,000. */
  readonly clientStallTimeoutMs?: number
}

/** What the gateway touches of the world. */
export interface GatewayWorld {
  readonly clock?: Clock
}

export interface Gateway {
  /** Begins to listen. Port 0 is one that is free. `host` defaults to 127.0.0.1: this machine alone. */
  listen(port: number, host?: string): Promise<{ readonly port: number; readonly url: string }>
  /** Answers one request, in a server of one's own. */
  fetch(request: Request): Promise<Response>
  /** Takes no more calls, lets those under way end for `drainMs` (30,000), and writes what is recorded. */
  close(drainMs?: number): Promise<void>
}

/** A proxy in front of an LLM API that records and measures what passes. Throws `TypeError` for options that are none. */
export function createGateway(options: GatewayOptions, world: GatewayWorld = {}): Gateway {
  const { target, clientKey, maxHeaderBytes = 65_536 } = options
  const { clock = systemClock } = world
  const upstream = createUpstream(
    {
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      firstByteTimeoutMs: options.firstByteTimeoutMs ?? 600_000,
      idleTimeoutMs: options.idleTimeoutMs ?? 300_000,
    },
    maxHeaderBytes,
  )
  const switchboard = new Switchboard({
    targets: createTargets(typeof target === 'string' ? [{ url: target }] : target),
    upstream,
    clock,
    clientKey,
    maxRequestBytes: options.maxRequestBytes ?? 2 ** 29,
    clientStallTimeoutMs: options.clientStallTimeoutMs ?? 300_000,
    tapFor: () => NO_TAP,
  })
  const server = createNodeFront({ switchboard, maxHeaderBytes, own: () => false })

  return {
    async listen(port, host = '127.0.0.1') {
      server.listen(port, host)
      await once(server, 'listening')
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      return { port: address.port, url: `http://${name}:${address.port}` }
    },
    fetch: (request) => forwardFetch(switchboard, request),
    async close(drainMs = 30_000) {
      server.close()
      await switchboard.drain(drainMs)
      server.closeAllConnections()
      await upstream.destroy()
    },
  }
}

const NO_TAP = {
  requestChunk: () => undefined,
  responseHead: () => undefined,
  responseChunk: () => undefined,
  clientStalled: () => undefined,
  end: () => undefined,
}
