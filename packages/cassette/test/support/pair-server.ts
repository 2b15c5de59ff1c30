import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { answerText, type Pair } from './pairs.ts'

export interface PairServer {
  readonly origin: string
  /** The requests that came, as `POST /v1/messages`. */
  readonly requests: readonly string[]
  /** How many connections were closed by the client before the answer was whole. */
  readonly aborted: () => number
  close(): Promise<void>
}

export interface PairServerOptions {
  /** Waits between two chunks until the former is out. In bytes; default 97, which cuts characters and messages. */
  readonly chunkBytes?: number
  /** After so many chunks the answer stops and is left open, or its connection is broken. */
  readonly stopAfter?: { readonly chunks: number; readonly how: 'hang' | 'break' | 'end' }
  /** Answers given before the pairs', in order. */
  readonly first?: readonly {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body: string
  }[]
}

/** Said of bytes as they were sent by somebody else. */
const HOP_HEADERS = /^(?:content-encoding|content-length|transfer-encoding|connection|date|keep-alive)$/

/** Plays pairs on 127.0.0.1: each request gets the answers recorded to it, one after the other. */
export async function startPairServer(
  pairs: readonly Pair[],
  options: PairServerOptions = {},
): Promise<PairServer> {
  const requests: string[] = []
  const left = [...pairs]
  const first = [...(options.first ?? [])]
  let aborted = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    requests.push(`${request.method} ${request.url}`)
    response.on('close', () => {
      if (!response.writableFinished) aborted++
    })
    const early = first.shift()
    if (early) {
      response
        .writeHead(early.status, { 'content-type': 'application/json', ...early.headers })
        .end(early.body)
      return
    }
    const at = left.findIndex((pair) => isAskedBy(pair, request.url ?? '', body))
    const [pair] = at < 0 ? [] : left.splice(at, 1)
    if (!pair) {
      response.writeHead(599).end('no pair for this request')
      return
    }
    const headers = Object.entries(pair.response.headers).filter(([name]) => !HOP_HEADERS.test(name))
    response.writeHead(pair.response.status, Object.fromEntries(headers))
    await send(response, Buffer.from(answerText(pair)), options)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    aborted: () => aborted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isAskedBy({ request }: Pair, url: string, body: string): boolean {
  const { pathname, search } = new URL(request.url)
  if (pathname + search !== url) return false
  return request.body === null ? body === '' : sameJson(JSON.parse(body), request.body)
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, item]) => [key, sorted(item)]),
  )
}

async function send(response: ServerResponse, body: Buffer, options: PairServerOptions): Promise<void> {
  const { chunkBytes = 97, stopAfter } = options
  let sent = 0
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (stopAfter && sent++ === stopAfter.chunks) {
      if (stopAfter.how === 'break') response.destroy()
      if (stopAfter.how === 'end') response.end()
      return
    }
    await new Promise<void>((resolve) =>
      response.write(body.subarray(at, at + chunkBytes), () => setImmediate(resolve)),
    )
  }
  response.end()
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
