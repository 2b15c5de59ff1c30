import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import type { CallClient, ResponseHead } from './call.ts'
import { headerPairs, headerValue, type RawHeaders } from './raw-headers.ts'

const NO_REASON_PHRASE = /[^\t\x20-\x7e\x80-\xff]/
const HAS_NO_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** The client of a call that came to `node:http`. */
export function nodeClient(response: ServerResponse, onDrain: () => void): CallClient {
  response.on('drain', onDrain)
  /** Whether the client knows where the answer ends, other than by the end of the connection. */
  let isFramed = false
  let isChunked = false
  let isFull = false

  /** A chunk with its frame in one write: `response.write` would make four of it. */
  function writeFramed(socket: Socket, chunk: Uint8Array): boolean {
    const takesMore = socket.write(framed(chunk))
    if (!takesMore && !isFull) {
      isFull = true
      socket.once('drain', () => {
        isFull = false
        onDrain()
      })
    }
    return takesMore
  }

  function head({ status, statusText, headers }: ResponseHead): void {
    const { socket, req } = response
    // The rest of a request that was answered before its end is not read: nothing can come behind it.
    if (!req.complete) response.shouldKeepAlive = false
    isChunked = willBeChunked(response, status, headers)
    const passed = isChunked ? headers : withoutTrailerNames(headers)
    isFramed = isChunked || headerValue(headers, 'content-length') !== undefined
    response.writeHead(status, NO_REASON_PHRASE.test(statusText) ? '' : statusText, passed as string[])
    // The head goes out now, and with what is there already of the body.
    socket?.cork()
    response.flushHeaders()
    process.nextTick(() => socket?.uncork())
  }

  return {
    head,
    chunk(chunk) {
      const { socket } = response
      // An empty chunk is how an answer ends.
      if (chunk.length === 0) return true
      // Without one, as long as an earlier answer on the connection has not ended, it waits in the response.
      return isChunked && socket ? writeFramed(socket, chunk) : response.write(chunk)
    },
    end(trailers) {
      if (trailers.length > 0) response.addTrailers(headerPairs(trailers))
      response.end()
    },
    refuse(status, body) {
      if (response.headersSent || response.destroyed) return
      if (!response.req.complete) response.shouldKeepAlive = false
      const length = String(Buffer.byteLength(body))
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': length })
      response.end(body)
    },
    break: () => breakOff(response, isFramed),
  }
}

const LINE_END = Buffer.from('\r\n')

/** As HTTP/1.1 frames it: the size in hexadecimal digits, a line of its own, and the chunk. */
function framed(chunk: Uint8Array): Uint8Array {
  const size = Buffer.from(`${chunk.length.toString(16)}\r\n`)
  return Buffer.concat([size, chunk, LINE_END])
}

/** What was sent arrives, and then the connection breaks: in a way that is no end of this answer. */
function breakOff({ socket }: ServerResponse, isFramed: boolean): void {
  if (!socket || socket.destroyed) return
  // An answer that ends with its connection has no other way to be broken.
  if (isFramed) socket.destroySoon()
  else socket.write('', () => socket.resetAndDestroy())
}

function willBeChunked({ req }: ServerResponse, status: number, headers: RawHeaders): boolean {
  if (req.method === 'HEAD' || HAS_NO_BODY.has(status)) return false
  return req.httpVersionMinor > 0 && headerValue(headers, 'content-length') === undefined
}

/** Only a chunked body has trailers. */
function withoutTrailerNames(headers: RawHeaders): string[] {
  return headers.filter((_, i) => (headers[i - (i % 2)] as string).toLowerCase() !== 'trailer')
}
