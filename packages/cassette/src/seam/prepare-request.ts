import type { CapturedRequest, HeaderPair } from '../exchange.ts'

/** What a caller may give `fetch`. */
export type FetchInput = Parameters<typeof fetch>[0]
export type FetchInit = RequestInit
export type Fetch = typeof fetch

/** A call of `fetch` whose body was read, so that it can be both looked at and sent. */
export interface PreparedRequest {
  readonly captured: CapturedRequest
  readonly signal: AbortSignal | undefined
  send(fetch: Fetch): Promise<Response>
}

/**
 * Reads a call of `fetch`, whatever it is given: a `Request`, a form, a stream. Rejects as `fetch` does: with `TypeError`
 * for what is no request, with the signal's reason once it is aborted.
 */
export async function prepareRequest(input: FetchInput, init: FetchInit = {}): Promise<PreparedRequest> {
  const given = requestLike(input)
  const signal = init.signal ?? given?.signal ?? undefined
  signal?.throwIfAborted()
  const request = given ? requestFrom(given, init) : new Request(input, withDuplex(init))
  const body = new Uint8Array(await request.arrayBuffer())
  signal?.throwIfAborted()
  const url = withoutHash(request.url)
  const headers: readonly HeaderPair[] = [...request.headers]
  const { redirect, credentials, cache, integrity, keepalive, referrerPolicy } = request
  return {
    captured: { method: request.method, url, headers, body },
    signal,
    send: (fetch) =>
      fetch(url, {
        redirect,
        credentials,
        cache,
        integrity,
        keepalive,
        referrerPolicy,
        // What is not of the standard is for the one who sends: a dispatcher, an agent.
        ...init,
        method: request.method,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
        body: body.length > 0 ? body : null,
        ...(signal && { signal }),
      }),
  }
}

/** Also the `Request` of another `fetch` than the global one. */
function requestLike(input: FetchInput): Request | undefined {
  if (typeof input === 'string' || input instanceof URL) return undefined
  return typeof input.url === 'string' && typeof input.method === 'string' ? input : undefined
}

function requestFrom(given: Request, init: FetchInit): Request {
  const { url, method, headers, body, redirect } = given
  if (given instanceof Request) return new Request(given, withDuplex(init))
  const own = { method, headers: [...headers], redirect, ...(body && { body }) } as RequestInit
  return new Request(url, withDuplex({ ...own, ...init }))
}

/** A body that is a stream has to say so. Other runtimes' types do not know the field. */
function withDuplex(init: FetchInit): FetchInit {
  const { signal: _, ...rest } = init
  return { duplex: 'half', ...rest } as FetchInit
}

function withoutHash(url: string): string {
  const at = url.indexOf('#')
  return at < 0 ? url : url.slice(0, at)
}
