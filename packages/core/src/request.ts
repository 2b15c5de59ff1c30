import type { AgentStreamClientOptions, StreamRequest } from './options.ts'

/** What one `start()` asks for. Throws `TypeError` for what no retry would mend. */
export function createRequest(
  options: AgentStreamClientOptions,
  endpoint: string,
  body: unknown,
): StreamRequest {
  if (typeof endpoint !== 'string') {
    throw new TypeError(`start(endpoint): expected a URL, got ${typeof endpoint}`)
  }
  const url = requestUrl(options, endpoint)
  const page = globalThis.document?.baseURI ?? globalThis.location?.href
  if (!page && !options.fetch && !isAbsolute(url)) {
    throw new TypeError(
      'start(endpoint): expected an absolute URL, or a baseUrl, outside browsers; got a path',
    )
  }
  const json = JSON.stringify(body ?? {})
  if (json === undefined)
    throw new TypeError(`start(endpoint, body): ${typeof body} is nothing that JSON can hold`)
  // Throws `TypeError` for what is no URL at all.
  const { origin } = new URL(url, page ?? 'http://localhost')
  // A base element or a sandbox gives the page another origin than its base has.
  const isOwnOrigin = !page || origin === (globalThis.origin ?? new URL(page).origin)
  const mayCarryKey = options.retry?.idempotencyKey ?? isOwnOrigin
  return { url, body: json, idempotencyKey: mayCarryKey ? randomKey() : undefined }
}

/** The endpoint's URL: `baseUrl` before it, unless it is absolute. */
export function requestUrl({ baseUrl = '' }: AgentStreamClientOptions, endpoint: string): string {
  return isAbsolute(endpoint) ? endpoint : baseUrl + endpoint
}

/** A POST of JSON text, with what the options add to every request. */
export async function requestInit(
  { getToken, headers }: AgentStreamClientOptions,
  body: string,
  idempotencyKey?: string,
): Promise<RequestInit> {
  const token = await getToken?.()
  const own = typeof headers === 'function' ? await headers() : headers
  const names = Object.keys(own ?? {}).map((name) => name.toLowerCase())
  const added = {
    Accept: 'text/event-stream',
    'Content-Type': 'application/json',
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
  }
  // A header of the user's own takes the place of ours, however it is spelled: fetch would join the two.
  const kept = Object.entries(added).filter(([name]) => !names.includes(name.toLowerCase()))
  return { method: 'POST', headers: { ...Object.fromEntries(kept), ...own }, body }
}

/** 128 random bits. (`randomUUID` is missing from pages on plain HTTP.) */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}

export function isAbsolute(url: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(url)
}
