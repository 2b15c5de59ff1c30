import type { AgentStreamClientOptions } from './options.ts'

/** The endpoint's URL: `baseUrl` before it, unless it is absolute. */
export function requestUrl(baseUrl: string | undefined, endpoint: string): string {
  return isAbsolute(endpoint) ? endpoint : `${baseUrl ?? ''}${endpoint}`
}

/** A POST of `body` as JSON, with what the options add to every request. */
export async function requestInit(
  options: AgentStreamClientOptions,
  { body, idempotencyKey }: { readonly body: unknown; readonly idempotencyKey?: string },
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
    body: JSON.stringify(body ?? {}),
  }
}

/** A UUID. Pages on plain HTTP have no `randomUUID`, but they have `getRandomValues`. */
export function createIdempotencyKey(): string {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Why this cannot be requested, or `undefined`: found before the first attempt, as retrying would not help. */
export function misuse(
  options: AgentStreamClientOptions,
  endpoint: unknown,
  body: unknown,
): string | undefined {
  if (typeof endpoint !== 'string') {
    return `start(endpoint, body, callbacks): endpoint is ${kindOf(endpoint)}; give a URL or path as a string`
  }
  if (
    !options.fetch &&
    typeof location === 'undefined' &&
    !isAbsolute(requestUrl(options.baseUrl, endpoint))
  ) {
    return `start("${endpoint}"): outside a browser the URL must be absolute; set baseUrl or give a full URL`
  }
  try {
    JSON.stringify(body)
    return undefined
  } catch (error) {
    return `start("${endpoint}"): the body cannot be written as JSON (${(error as Error).message})`
  }
}

function mayCarryKey({ retry }: AgentStreamClientOptions, url: string): boolean {
  const isOwnOrigin =
    typeof location === 'undefined' || new URL(url, location.href).origin === location.origin
  return retry?.idempotencyKey ?? isOwnOrigin
}

function isAbsolute(url: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(url)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}
