import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'

import type { HostileDialect, HostileResponse } from './case.ts'
import { bodyParts } from './script.ts'

export interface HostileServer {
  readonly url: string
  /** When each request came, in milliseconds of `performance.now()`. */
  readonly requestTimes: readonly number[]
  /** How many requests are still open. */
  readonly openCount: number
  close(): Promise<void>
}

/** An HTTP server on the loopback interface that answers the n-th request by the n-th response. */
export async function startHostileServer(
  responses: readonly HostileResponse[],
  dialect: HostileDialect,
  onStarted: () => void,
): Promise<HostileServer> {
  const requestTimes: number[] = []
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const script = responses[Math.min(requestTimes.length, responses.length - 1)] ?? {}
    requestTimes.push(performance.now())
    open.add(response)
    response.on('close', () => open.delete(response))
    // A client that goes away in the middle is part of the case.
    response.on('error', () => response.destroy())
    void answer(request, response, script, dialect, onStarted)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/run`,
    requestTimes,
    get openCount() {
      return open.size
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: HostileResponse,
  dialect: HostileDialect,
  onStarted: () => void,
): Promise<void> {
  request.resume()
  await once(request, 'end')
  const { status = 200, headers = {}, encoding, end = 'close' } = script
  const { socket } = response
  if (script.isHeadless) return void socket?.resetAndDestroy()
  socket?.setNoDelay(true)
  const sent = { ...STREAM_HEADERS, ...headers, ...(encoding && { 'content-encoding': encoding }) }
  response.writeHead(status, sent).flushHeaders()
  const body = encoding ? compressed(encoding, response) : response
  onStarted()
  await writeBody(body, response, script, dialect)
  if (response.destroyed || end === 'hang') return
  if (end === 'reset') reset(socket)
  else body.end()
}

/** The other side gets an error, and no orderly end. */
function reset(socket: Socket | null): void {
  socket?.resetAndDestroy()
}

function compressed(encoding: 'gzip' | 'br', response: ServerResponse): Duplex {
  const encoder =
    encoding === 'gzip'
      ? createGzip({ flush: constants.Z_SYNC_FLUSH })
      : createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH })
  encoder.pipe(response)
  return encoder
}

async function writeBody(
  body: ServerResponse | Duplex,
  response: ServerResponse,
  script: HostileResponse,
  dialect: HostileDialect,
): Promise<void> {
  const { chunkBytes } = script
  const closed = new Promise((resolve) => response.on('close', resolve))
  let held: Uint8Array = new Uint8Array(0)

  async function send(bytes: Uint8Array): Promise<void> {
    if (response.destroyed || bytes.length === 0) return
    if (!body.write(bytes))
      await Promise.race([new Promise((resolve) => body.once('drain', resolve)), closed])
    // The network takes chunks apart from each other only if they do not come in one go.
    else if (chunkBytes) await new Promise((resolve) => setImmediate(resolve))
  }

  for (const part of bodyParts(script, dialect)) {
    if (response.destroyed) return
    if ('waitMs' in part) {
      await send(held)
      held = new Uint8Array(0)
      await sleep(part.waitMs)
    } else if (chunkBytes === undefined) {
      await send(part)
    } else {
      held = Buffer.concat([held, part])
      for (; held.length >= chunkBytes; held = held.slice(chunkBytes)) await send(held.slice(0, chunkBytes))
    }
  }
  await send(held)
}
