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
  const page = globalThis.location
  if (!page && !options.fetch && !isAbsolute(url)) {
    throw new TypeError(
      `start(endpoint): expected an absolute URL or a baseUrl outside browsers, got ${endpoint}`,
    )
  }
  const mayCarryKey =
    options.retry?.idempotencyKey ?? (!page || new URL(url, page.href).origin === page.origin)
  return { url, body: JSON.stringify(body ?? {}), idempotencyKey: mayCarryKey ? randomKey() : undefined }
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
  return {
    method: 'POST',
    headers: {
      Accept: 'text/event-stream',
      'Content-Type': 'application/json',
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
      ...(typeof headers === 'function' ? await headers() : headers),
    },
    body,
  }
}

/** 128 random bits. (`randomUUID` is missing from pages on plain HTTP.) */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}

function isAbsolute(url: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(url)
}
