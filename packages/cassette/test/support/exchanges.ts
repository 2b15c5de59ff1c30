import type { CapturedRequest, Cassette, Exchange } from '../../src/index.ts'

export function someRequest(overrides: Partial<CapturedRequest> = {}): CapturedRequest {
  return {
    method: 'POST',
    url: 'https://api.openai.com/v1/chat/completions',
    headers: [['content-type', 'application/json']],
    body: Buffer.from('{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}],"stream":true}'),
    ...overrides,
  }
}

/** An event stream in the given pieces, 10 ms apart. */
export function someExchange(
  pieces: readonly (string | Uint8Array)[] = ['data: {"id":"1"}\n\n', 'data: [DONE]\n\n'],
  overrides: Partial<Exchange> = {},
): Exchange {
  return {
    startedAt: '2026-06-11T12:07:30.901Z',
    request: someRequest(),
    response: {
      status: 200,
      statusText: 'OK',
      headers: [['content-type', 'text/event-stream; charset=utf-8']],
      url: 'https://api.openai.com/v1/chat/completions',
      isRedirected: false,
      atMs: 5,
    },
    chunks: pieces.map((piece, i) => ({ bytes: Buffer.from(piece), atMs: 10 * (i + 1) })),
    end: { type: 'complete', atMs: 10 * pieces.length },
    ...overrides,
  }
}

export function someCassette(overrides: Partial<Cassette> = {}): Cassette {
  return {
    id: 'openai_gpt-4o_0123456789abcdef',
    occurrence: 1,
    exchange: someExchange(),
    metadata: {},
    ...overrides,
  }
}

/** Bytes as plain lists, so that a Buffer equals a Uint8Array. */
export function plain<T>(value: T): T {
  if (value instanceof Uint8Array) return [...value] as T
  if (Array.isArray(value)) return value.map(plain) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) as T
}

export async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
