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
  const { origin } = checkUrl(options, url)
  const json = JSON.stringify(body ?? {})
  if (json === undefined)
    throw new TypeError(`start(endpoint, body): ${typeof body} is nothing that JSON can hold`)
  // A base element or a sandbox gives the page another origin than its base has.
  const page = pageUrl()
  const isOwnOrigin = !page || origin === (globalThis.origin ?? new URL(page).origin)
  const mayCarryKey = options.retry?.idempotencyKey ?? isOwnOrigin
  return { url, body: json, idempotencyKey: mayCarryKey ? randomKey() : undefined }
}

/** What one `resume()` asks for. `eventsUrl` is where the events were, if it is kept. */
export function createResumption(
  options: AgentStreamClientOptions,
  runId: string,
  eventsUrl?: string,
): StreamRequest {
  // Dots alone would be steps in a path.
  if (typeof runId !== 'string' || !/[^.]/.test(runId)) {
    throw new TypeError(`resume(runId): expected the id of a run, got ${JSON.stringify(runId)}`)
  }
  const own = eventsUrlOf(options, runId) ?? requestUrl(options, `/runs/${encodeURIComponent(runId)}/events`)
  checkUrl(options, own)
  const url = eventsUrl === undefined ? own : trustedUrl(options, eventsUrl, own)
  if (url === undefined) {
    throw new TypeError(
      'resume(runId, callbacks, eventsUrl): eventsUrl is of an origin that eventsOrigins lacks',
    )
  }
  return { url, body: null, idempotencyKey: undefined }
}

/** Where the options say that a run's events are. */
export function eventsUrlOf(options: AgentStreamClientOptions, runId: string): string | undefined {
  return options.eventsUrl && requestUrl(options, options.eventsUrl(runId))
}

/**
 * A URL that the server, or something kept, has given for what goes with the request `from`: `undefined` unless what
 * may go there may go here too, the token with it. The same origin may, and `eventsOrigins`. Of a path, as long as
 * nobody knows an origin, it makes a path.
 */
export function trustedUrl(
  { eventsOrigins = [] }: AgentStreamClientOptions,
  given: string,
  from: string,
  responseUrl?: string,
): string | undefined {
  const own = new URL(from, pageUrl() ?? NOWHERE)
  const isPath = own.origin === NOWHERE
  try {
    const url = new URL(given, (!isPath && responseUrl) || own)
    if (url.origin === own.origin) return isPath ? url.pathname + url.search : url.href
    if (eventsOrigins.includes(url.origin)) return url.href
  } catch {
    // No URL: there is none to trust.
  }
  return undefined
}

/** The endpoint's URL: `baseUrl` before it, unless it is absolute. */
export function requestUrl({ baseUrl = '' }: AgentStreamClientOptions, endpoint: string): string {
  return isAbsolute(endpoint) ? endpoint : baseUrl + endpoint
}

/**
 * Asks for a URL, with what the options add to every request: a POST of JSON text, a GET without. On 401 once more,
 * with a new token.
 */
export async function ask(
  options: Sender,
  url: string,
  body: string | null,
  init: RequestInit,
  added?: HeaderFields,
): Promise<Response> {
  const method = body === null ? 'GET' : 'POST'
  const type = body === null ? undefined : 'application/json'
  const once = async () => {
    const headers = await headersOf(options, { ...added, 'Content-Type': type })
    return (options.fetch ?? fetch)(url, { method, body, headers, ...init })
  }
  const response = await once()
  if (response.status !== 401 || !options.getToken) return response
  await response.body?.cancel()
  return once()
}

type Sender = {
  readonly [K in 'fetch' | 'getToken' | 'headers']?: AgentStreamClientOptions[K] | undefined
}
type HeaderFields = Readonly<Record<string, string | undefined>>

async function headersOf(
  { getToken, headers }: Sender,
  added: HeaderFields,
): Promise<Record<string, string>> {
  const token = await getToken?.()
  const own = typeof headers === 'function' ? await headers() : headers
  const names = Object.keys(own ?? {}).map((name) => name.toLowerCase())
  // A header of the user's own takes the place of ours, however it is spelled: fetch would join the two.
  const kept = Object.entries({ ...added, Authorization: token && `Bearer ${token}` }).filter(
    ([name, value]) => value && !names.includes(name.toLowerCase()),
  )
  return { ...Object.fromEntries(kept as [string, string][]), ...own }
}

/** Stands for the origin that a path has where there is no page: whoever fetches it knows. */
const NOWHERE = 'http://path.invalid'

function pageUrl(): string | undefined {
  return globalThis.document?.baseURI ?? globalThis.location?.href
}

/** Throws `TypeError` for what is no URL at all, and for a path that nobody could make one of. */
function checkUrl(options: AgentStreamClientOptions, url: string): URL {
  if (!pageUrl() && !options.fetch && !isAbsolute(url)) {
    throw new TypeError('Expected an absolute URL, or a baseUrl, outside browsers; got a path')
  }
  return new URL(url, pageUrl() ?? NOWHERE)
}

/** 128 random bits. (`randomUUID` is missing from pages on plain HTTP.) */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}

export function isAbsolute(url: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(url)
}
