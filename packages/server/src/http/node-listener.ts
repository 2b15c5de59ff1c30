// For node:http, and for what is built on it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

import { HttpError } from './http-error.ts'
import type { RunServer } from './run-server.ts'

/** The request as frameworks leave it: with the path that the client sent, and perhaps with its body read. */
interface FrameworkRequest extends IncomingMessage {
  readonly originalUrl?: string
  readonly body?: unknown
}

/** A listener for `http.createServer(listener)` and for Express' `app.use(listener)`. */
export function toNodeListener(
  server: Pick<RunServer, 'fetch'>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    answer(server, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function answer(
  server: Pick<RunServer, 'fetch'>,
  incoming: FrameworkRequest,
  outgoing: ServerResponse,
): Promise<void> {
  const request = toRequest(incoming)
  const response = request ? await server.fetch(request) : NOT_UNDERSTOOD.toResponse()
  // A body that nobody wanted is not read to its end: nothing can come behind it.
  if (!incoming.complete) outgoing.shouldKeepAlive = false
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (!response.body) {
    outgoing.end()
    return
  }
  // The client sees that it is connected before there is anything to say.
  outgoing.flushHeaders()
  await send(response.body.getReader(), outgoing)
}

/** Hands the body on as fast as the client takes it. Each gives up with the other. */
async function send(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  outgoing: ServerResponse,
): Promise<void> {
  // Who left before there was an answer says so no more.
  if (outgoing.destroyed) return reader.cancel()
  outgoing.once('close', () => void reader.cancel().catch(() => undefined))
  // A body that breaks while the client is slow is noticed here.
  reader.closed.catch(() => outgoing.destroy())
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (!outgoing.write(next.value)) await canTakeMore(outgoing)
  }
  outgoing.end()
}

function canTakeMore(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      outgoing.off('drain', finish).off('close', finish)
      resolve()
    }
    if (outgoing.destroyed) resolve()
    else outgoing.on('drain', finish).on('close', finish)
  })
}

const NOT_UNDERSTOOD = new HttpError('invalid_request', 'Expected a method and headers that fetch knows')

/** Nothing for methods that fetch does not have, like TRACE. */
function toRequest(incoming: FrameworkRequest): Request | undefined {
  const { method = 'GET', rawHeaders } = incoming
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    // HTTP/2 says method, path and authority in headers of this kind.
    if (!name.startsWith(':')) headers.append(name, rawHeaders[i + 1] as string)
  }
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
  // `duplex` is missing from the DOM's types.
  const init = { method, headers, ...(hasBody && { body: toBody(incoming), duplex: 'half' }) } as RequestInit
  try {
    return new Request(toUrl(incoming), init)
  } catch {
    return undefined
  }
}

/** The host is the client's word, and nothing depends on it: the path least of all. */
function toUrl({ originalUrl, url = '/', headers: { host = '' } }: FrameworkRequest): URL {
  const path = originalUrl ?? url
  if (!path.startsWith('/')) return URL.parse(path) ?? new URL('http://localhost/')
  const asked = URL.parse(`http://localhost${path}`) ?? new URL('http://localhost/')
  asked.host = host
  return asked
}

/** The body, also when a framework's parser has read it. */
function toBody(incoming: FrameworkRequest): BodyInit {
  const { body } = incoming
  // Node's own stream type, which fetch takes.
  if (!incoming.readableEnded || body === undefined) return Readable.toWeb(incoming) as unknown as BodyInit
  return typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body)
}
