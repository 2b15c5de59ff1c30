import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { onTestFinished } from 'vitest'

/** An API of one's own. */
export interface FakeApi {
  readonly url: string
  /** Connections that are open now. */
  connections(): number
}

/** Answers so until the test ends. */
export async function fakeApi(answer: RequestListener): Promise<FakeApi> {
  const sockets = new Set<Socket>()
  const server = createServer(answer)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
  }
}

/** An API of one call at a time, whose answer the test gives itself. */
export async function heldApi(): Promise<
  FakeApi & { next(): Promise<{ request: IncomingMessage; response: ServerResponse }> }
> {
  const waiting: ((call: { request: IncomingMessage; response: ServerResponse }) => void)[] = []
  const calls: { request: IncomingMessage; response: ServerResponse }[] = []
  const api = await fakeApi((request, response) => {
    const taker = waiting.shift()
    if (taker) taker({ request, response })
    else calls.push({ request, response })
  })
  return {
    ...api,
    next: () =>
      new Promise((resolve) => {
        const call = calls.shift()
        if (call) resolve(call)
        else waiting.push(resolve)
      }),
  }
}

/** A body read to its end. */
export async function bodyOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
