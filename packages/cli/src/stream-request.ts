import { CommandFailure } from './failure.ts'

export interface StreamRequest {
  /** JSON, or anything else; makes the request a POST. */
  readonly data?: string
  /** `name: value` */
  readonly header?: readonly string[]
  /** Identifies the call to a gateway on the way. */
  readonly probe?: string
}

/** Asks for an event stream. Throws what went wrong in one line, without what may be secret in the address. */
export async function openStream(
  url: string,
  { data, header = [], probe }: StreamRequest,
  signal: AbortSignal,
): Promise<Response & { readonly body: ReadableStream<Uint8Array> }> {
  const where = publicAddress(url)
  const headers = headersOf(header, data)
  if (probe !== undefined) headers.set('x-agent-stream-probe', probe)
  const response = await request(url, where, data, headers, signal)
  const { ok, status, statusText, body } = response
  const type = response.headers.get('content-type') ?? ''
  if (ok && body && /^text\/event-stream\b/i.test(type))
    return response as Response & { body: ReadableStream<Uint8Array> }
  await body?.cancel()
  const got = ok
    ? `${type || 'no content type'} instead of text/event-stream`
    : `${status} ${statusText}`.trim()
  const hint = status === 404 || status === 405 ? ' (a POST? give --data)' : ''
  throw new CommandFailure(`${where}: answered with ${got}${hint}`)
}

/** Without user, password and query, which may hold keys. */
export function publicAddress(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CommandFailure(
      `Expected an address like https://example.org/chat; got "${withoutKeys(url)}"`,
      2,
    )
  const { origin, pathname, username, password } = new URL(url)
  if (username || password)
    throw new CommandFailure(
      `${origin + pathname}: the address has a user or a password; give --header "authorization: Basic …" instead`,
      2,
    )
  return origin + pathname
}

/** The same of what is no address. */
function withoutKeys(text: string): string {
  return text.replace(/[?#].*$/s, '').replace(/^(\w+:)?(\/\/)?[^/]*@/, '$1$2')
}

async function request(
  url: string,
  where: string,
  body: string | undefined,
  headers: Headers,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      body: body ?? null,
      headers,
      signal,
    })
  } catch (error) {
    const { code, message } = ((error as Error).cause ?? {}) as Partial<NodeJS.ErrnoException>
    const reason = signal.aborted ? 'it took too long' : (code ?? message ?? 'failed')
    throw new CommandFailure(`${where}: no answer (${reason})`)
  }
}

function headersOf(given: readonly string[], data: string | undefined): Headers {
  const headers = new Headers({ accept: 'text/event-stream' })
  if (data !== undefined) headers.set('content-type', isJson(data) ? 'application/json' : 'text/plain')
  for (const header of given) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(header) ?? []
    // The value may be a key: it is not said again.
    if (!name) throw new CommandFailure('--header: expected "name: value"', 2)
    try {
      headers.set(name, value ?? '')
    } catch {
      // The error has the value in it.
      throw new CommandFailure(`--header: the value of "${name}" has characters that no header can hold`, 2)
    }
  }
  return headers
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
