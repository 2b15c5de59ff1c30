import type { AgentStreamClientOptions, StreamRequest } from './options.ts'

/** The endpoint's URL: `baseUrl` before it, unless it is absolute. */
export function requestUrl(baseUrl: string | undefined, endpoint: string): string {
  return isAbsolute(endpoint) ? endpoint : `${baseUrl ?? ''}${endpoint}`
}

/** A POST of JSON text, with what the options add to every request. */
export async function requestInit(
  options: AgentStreamClientOptions,
  { body, idempotencyKey }: Pick<StreamRequest, 'body'> & Partial<StreamRequest>,
  url: string,
): Promise<RequestInit> {
  const { getToken, headers } = options
  const token = await getToken?.()
  return {
    method: 'POST',
    headers: {
      Accept: 'text/event-stream',
      'Content-Type': 'application/json',
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(idempotencyKey && mayCarryKey(options, url) && { 'Idempotency-Key': idempotencyKey }),
      ...(typeof headers === 'function' ? await headers() : headers),
    },
    body,
  }
}

/** 128 random bits in hexadecimal. (`randomUUID` is missing from pages on plain HTTP.) */
function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What one `start()` asks for. Throws `TypeError` for what no retry would mend. */
export function createRequest(
  options: AgentStreamClientOptions,
  endpoint: string,
  body: unknown,
): StreamRequest {
  if (typeof endpoint !== 'string') {
    throw new TypeError(`start(endpoint, body): endpoint must be a URL or a path, not ${typeof endpoint}`)
  }
  if (!options.fetch && !pageUrl() && !isAbsolute(requestUrl(options.baseUrl, endpoint))) {
    throw new TypeError(`start("${endpoint}"): outside a browser, set baseUrl or give an absolute URL`)
  }
  return { endpoint, body: JSON.stringify(body ?? {}), idempotencyKey: createIdempotencyKey() }
}

function mayCarryKey({ retry }: AgentStreamClientOptions, url: string): boolean {
  const page = pageUrl()
  return retry?.idempotencyKey ?? (!page || new URL(url, page).origin === new URL(page).origin)
}

function pageUrl(): string | undefined {
  return globalThis.location?.href
}

function isAbsolute(url: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(url)
}
