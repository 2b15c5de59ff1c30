import { beforeEach, describe, expect, it } from 'vitest'

import { type CassetteStore, cassette, memoryStore } from '../../src/index.ts'
import { all } from '../support/exchanges.ts'

const url = 'https://api.example.com/v1/things'

let store: CassetteStore

beforeEach(() => {
  store = memoryStore()
})

interface Call {
  readonly input: string
  readonly init: RequestInit & { readonly dispatcher?: unknown }
}

/** A network that notes what it was asked. */
function noting(): { readonly calls: readonly Call[]; readonly fetch: typeof fetch } {
  const calls: Call[] = []
  return {
    calls,
    fetch: async (input, init = {}) => {
      calls.push({ input: String(input), init })
      return new Response(`{"n":${calls.length}}`, { headers: { 'content-type': 'application/json' } })
    },
  }
}

type Args = Parameters<typeof fetch>

function form(order: readonly string[] = ['model', 'file']): FormData {
  const data = new FormData()
  const parts: Record<string, () => void> = {
    model: () => data.append('model', 'whisper-1'),
    file: () => data.append('file', new File(['RIFF\0\xff'], 'a.wav', { type: 'audio/wav' })),
  }
  for (const name of order) parts[name]?.()
  return data
}

function stream(...pieces: readonly string[]): ReadableStream<Uint8Array> {
  const left = pieces.map((piece) => Buffer.from(piece))
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift()
      if (piece) controller.enqueue(piece)
      else controller.close()
    },
  })
}

/** Each gives the same request twice, as far as anybody can tell; some have to be made anew. */
const requests: readonly (readonly [string, () => Args])[] = [
  ['an address', () => [url]],
  ['a URL', () => [new URL(url)]],
  ['a Request', () => [new Request(url, { method: 'POST', body: '{"a":1}' })]],
  [
    'a Request and what changes it',
    () => [new Request(url, { headers: { a: 'b' } }), { method: 'PUT', body: 'x' }],
  ],
  ['a text', () => [url, { method: 'POST', body: '{"a":1}' }]],
  ['bytes', () => [url, { method: 'POST', body: new Uint8Array([1, 2, 255]) }]],
  ['a blob', () => [url, { method: 'POST', body: new Blob(['a', 'b'], { type: 'text/plain' }) }]],
  ['parameters', () => [url, { method: 'POST', body: new URLSearchParams({ a: '1', b: '2' }) }]],
  ['a form', () => [url, { method: 'POST', body: form() }]],
  // Node wants duplex, which its types do not know.
  ['a stream', () => [url, { method: 'POST', body: stream('{"a"', ':1}'), duplex: 'half' } as RequestInit]],
  ['headers of any kind', () => [url, { headers: new Headers([['x-a', '1']]) }]],
]

describe('a call of a cassette’s fetch', () => {
  it.each(requests)('is recorded and found again: %s', async (_, args) => {
    const network = noting()
    const live = cassette({ store, mode: 'record', fetch: network.fetch })
    expect(await (await live.fetch(...args())).json()).toEqual({ n: 1 })
    await live.settled()
    expect(await (await cassette({ store, mode: 'replay' }).fetch(...args())).json()).toEqual({ n: 1 })
  })

  it.each(requests)('is sent as it was: %s', async (_, args) => {
    const network = noting()
    await cassette({ store, mode: 'record', fetch: network.fetch }).fetch(...args())
    const sent = new Request(network.calls[0]?.input ?? '', network.calls[0]?.init)
    const meant = new Request(...args())
    expect(sent.method).toBe(meant.method)
    expect(sent.url).toBe(meant.url)
    const isForm = /multipart/.test(meant.headers.get('content-type') ?? '')
    if (!isForm) expect([...sent.headers]).toEqual([...meant.headers])
    if (isForm) expect([...(await sent.formData())].map(([name]) => name)).toEqual(['model', 'file'])
    else expect(await sent.text()).toBe(await meant.text())
  })

  it('is another one where a part of its form is', async () => {
    const live = cassette({ store, mode: 'record', fetch: noting().fetch })
    await (await live.fetch(url, { method: 'POST', body: form() })).text()
    await live.settled()
    const other = form()
    other.set('model', 'whisper-2')
    const asked = cassette({ store, mode: 'replay' }).fetch(url, { method: 'POST', body: other })
    await expect(asked).rejects.toThrow('body[0].text: recorded "whisper-1", asked "whisper-2"')
  })

  it('hands on what is not of the standard', async () => {
    const network = noting()
    const dispatcher = {}
    await cassette({ store, mode: 'record', fetch: network.fetch }).fetch(url, { dispatcher } as RequestInit)
    expect(network.calls[0]?.init.dispatcher).toBe(dispatcher)
  })

  it('takes the Request of another fetch', async () => {
    const foreign = {
      url,
      method: 'POST',
      headers: [['x-a', '1']],
      body: stream('{"a":1}'),
      redirect: 'follow',
    }
    const network = noting()
    // Of npm's undici, say: no instance of the global class.
    await cassette({ store, mode: 'record', fetch: network.fetch }).fetch(foreign as unknown as Request)
    const [call] = network.calls
    expect(call?.input).toBe(url)
    expect(Buffer.from(call?.init.body as Uint8Array).toString()).toBe('{"a":1}')
  })

  it('rejects as fetch does', async () => {
    const { fetch } = cassette({ store, mode: 'replay' })
    await expect(fetch('/relative')).rejects.toThrow(TypeError)
    await expect(fetch(url, { method: 'GET', body: 'x' })).rejects.toThrow(TypeError)
    const reason = new Error('enough')
    await expect(fetch(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(fetch(new Request(url, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  })

  it('is given up while the network is silent', async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    const controller = new AbortController()
    const opened = cassette({ store, mode: 'record', fetch: silent })
    const asked = opened.fetch(url, { signal: controller.signal })
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(asked).rejects.toThrow('enough')
    await opened.settled()
    const ends = (await all(store.entries())).map(
      (entry) => entry.type === 'cassette' && entry.cassette.exchange.end,
    )
    expect(ends).toMatchObject([{ type: 'aborted', where: 'request' }])
  })
})
