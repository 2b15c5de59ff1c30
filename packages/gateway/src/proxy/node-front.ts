import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { GatewayError } from './gateway-error.ts'
import { nodeClient } from './node-client.ts'
import type { Switchboard } from './switchboard.ts'

/** Longer than the minute that load balancers keep theirs: they would else send into a connection that closes. */
const KEEP_ALIVE_MS = 75_000

export interface NodeFrontOptions {
  readonly switchboard: Switchboard
  readonly maxHeaderBytes: number
  /** Answers what is the gateway's own, and says so. */
  readonly own: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean
}

/** The HTTP server that clients talk to. */
export function createNodeFront({ switchboard, maxHeaderBytes, own }: NodeFrontOptions): Server {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A body may take long to send: what takes too long is the time between two pieces.
    requestTimeout: 0,
  })

  server.on('request', (incoming, outgoing) => {
    if (!own(incoming, outgoing)) forward(switchboard, incoming, outgoing)
  })
  // Who waits to be told to go on is told whether the body is wanted.
  server.on('checkContinue', (incoming, outgoing) => {
    if (own(incoming, outgoing)) return
    if (!switchboard.refusal(receivedRequest(incoming))) outgoing.writeContinue()
    forward(switchboard, incoming, outgoing)
  })
  return server
}

function forward(switchboard: Switchboard, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const call = switchboard.start(
    receivedRequest(incoming),
    nodeClient(outgoing, () => call.resume()),
  )
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) call.abort(new GatewayError('client_closed', 'The client has left'))
  })
  // Told by `close`.
  outgoing.on('error', () => undefined)
}

function receivedRequest(incoming: IncomingMessage) {
  const { method = 'GET', url: target = '/', rawHeaders: headers, httpVersion } = incoming
  if (!hasBody(incoming)) return { method, target, headers, httpVersion }
  // It stays whole when the API wants no more of it: the answer is still to be sent.
  return { method, target, headers, httpVersion, body: incoming.iterator({ destroyOnReturn: false }) }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
