import { fetchClient } from './fetch-client.ts'
import { GatewayError } from './gateway-error.ts'
import type { Switchboard } from './switchboard.ts'

/** Answers a `Request` as the API does. Rejects when the request is aborted before it is answered. */
export function forwardFetch(switchboard: Switchboard, request: Request): Promise<Response> {
  const { method, url, headers, body, signal } = request
  const left = () => call.abort(new GatewayError('client_closed', 'The client has left'))
  const { client, response } = fetchClient({ method, onDrain: () => call.resume(), onCancel: left })
  const { pathname, search } = new URL(url)
  const call = switchboard.start(
    {
      method,
      target: pathname + search,
      headers: [...headers].flat(),
      // What a `Request` came by is not known.
      httpVersion: '1.1',
      ...(body && { body }),
    },
    client,
  )
  if (signal.aborted) left()
  else signal.addEventListener('abort', left, { once: true })
  return response
}
