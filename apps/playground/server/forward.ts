import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

/**
 * Hands a request on to a process of this machine, and its answer back, each as it comes. A process that dies takes
 * the connection with it, and so does a client that leaves.
 */
export function forward(port: number | undefined, incoming: IncomingMessage, outgoing: ServerResponse): void {
  // As nobody answers where nothing runs.
  if (port === undefined) return void outgoing.destroy()
  const { method, url: path } = incoming
  const headers = endToEnd(incoming.headers)
  // A connection of its own: one that was kept could be that of a process which has died since.
  const upstream = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
  upstream.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    outgoing.flushHeaders()
    // An end that is no end destroys the other side.
    pipeline(answer, outgoing, () => upstream.destroy())
  })
  upstream.on('error', () => outgoing.destroy())
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}

/** What is not about one connection. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...others } = headers
  return others
}
