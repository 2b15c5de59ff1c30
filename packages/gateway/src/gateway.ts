import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { LIST_PRICES } from '@agent-stream/cassette/prices'
import { type Clock, systemClock, toNodeListener } from '@agent-stream/server'

import { CallWatch } from './call-watch.ts'
import { checkOptions, type GatewayOptions } from './gateway-options.ts'
import type { ObserverOptions } from './observe/observer.ts'
import type { StartObserver } from './observe/observer-port.ts'
import { observerThread } from './observer-thread.ts'
import { createPages, isOwnPath } from './pages/pages.ts'
import { forwardFetch } from './proxy/fetch-front.ts'
import { createNodeFront } from './proxy/node-front.ts'
import { createReplayUpstream, NOWHERE } from './proxy/replay-upstream.ts'
import { Switchboard } from './proxy/switchboard.ts'
import { createTargets, pathOf } from './proxy/target.ts'
import { createUpstream } from './proxy/upstream.ts'

/** What the gateway touches of the world. */
export interface GatewayWorld {
  readonly clock?: Clock
  /** The system's time, in milliseconds. */
  readonly now?: () => number
  /** From 0 to 1. */
  readonly random?: () => number
  /** Default: a thread. */
  readonly startObserver?: (options: ObserverOptions) => StartObserver
}

export interface Gateway {
  /** Begins to listen. Port 0 is one that is free. `host` defaults to 127.0.0.1: this machine alone. */
  listen(port: number, host?: string): Promise<{ readonly port: number; readonly url: string }>
  /** Answers one request, in a server of one's own. */
  fetch(request: Request): Promise<Response>
  /** Takes no more calls, lets those under way end for `drainMs` (30,000), and writes what is recorded. Once. */
  close(drainMs?: number): Promise<void>
}

/** For what is recorded to be written, in milliseconds. */
const WRITE_MS = 5000

/**
 * A proxy in front of an LLM API that measures and records what passes, and delays nothing. Throws `TypeError` for
 * options that are none.
 */
export function createGateway(options: GatewayOptions, world: GatewayWorld = {}): Gateway {
  checkOptions(options)
  const { target = NOWHERE, replay, maxHeaderBytes = 65_536 } = options
  const { clock = systemClock, now = Date.now, random = Math.random, startObserver = observerThread } = world
  const targets = createTargets(typeof target === 'string' ? [{ url: target }] : target)
  const timeouts = {
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    firstByteTimeoutMs: options.firstByteTimeoutMs ?? 600_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 300_000,
  }
  const upstream = replay
    ? createReplayUpstream({ folder: replay.folder, speed: replay.speed ?? 1 })
    : createUpstream(timeouts, maxHeaderBytes)
  const watch = new CallWatch({
    gateway: options,
    clock,
    now,
    random,
    startObserver: startObserver(observerOptions(options)),
  })
  const switchboard = new Switchboard({
    targets,
    upstream,
    clock,
    clientKey: options.clientKey,
    maxRequestBytes: options.maxRequestBytes ?? 2 ** 29,
    clientStallTimeoutMs: options.clientStallTimeoutMs ?? 300_000,
    tapFor: (request, received) => watch.tapFor(request, received),
  })
  const pages = createPages({
    token: options.token,
    health: () => watch.health(),
    metrics: () => watch.metrics(upstream.connections),
    inFlight: () => watch.inFlight(),
    lastCalls: (count) => watch.lastCalls(count),
    probes: watch.probes,
  })
  const ownListener = toNodeListener({ fetch: async (request) => pages(request) ?? Response.error() })
  const server = createNodeFront({
    switchboard,
    maxHeaderBytes,
    own(incoming, outgoing) {
      const isOwn = isOwnPath(pathOf(incoming.url ?? '') ?? '')
      if (isOwn) ownListener(incoming, outgoing)
      return isOwn
    },
  })

  let closing: Promise<void> | undefined
  async function close(drainMs: number): Promise<void> {
    watch.drain()
    server.close()
    await switchboard.drain(drainMs)
    server.closeAllConnections()
    await Promise.all([upstream.destroy(), watch.close(WRITE_MS)])
  }

  return {
    async listen(port, host = '127.0.0.1') {
      server.listen(port, host)
      await once(server, 'listening')
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      return { port: address.port, url: `http://${name}:${address.port}` }
    },
    fetch: (request) => pages(request) ?? forwardFetch(switchboard, request),
    close(drainMs = 30_000) {
      closing ??= close(drainMs)
      return closing
    },
  }
}

function observerOptions({
  record,
  scrub = {},
  isPromptShown = false,
  ...options
}: GatewayOptions): ObserverOptions {
  return {
    ...(record && {
      recording: {
        folder: record.folder,
        scrub,
        maxFileBytes: record.maxFileBytes ?? 2 ** 26,
        maxBytes: record.maxBytes ?? 2 ** 30,
        maxCassettes: record.maxCassettes ?? 100_000,
      },
    }),
    scrub,
    maxCallBytes: options.maxCallBytes ?? 2 ** 24,
    maxHeldBytes: options.maxHeldBytes ?? 2 ** 28,
    isExcerptKept: isPromptShown,
    prices: options.prices ?? LIST_PRICES,
    maxGaps: 100,
  }
}
