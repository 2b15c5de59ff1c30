import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type CassetteStore, cassette, fileStore } from '../../src/index.ts'
import { cutNetwork } from '../support/no-network.ts'
import { type PairServer, type PairServerOptions, startPairServer } from '../support/pair-server.ts'
import { answerText, type Pair, pairNames, readPair } from '../support/pairs.ts'
import { type Step, scriptedFetch } from '../support/scripted-fetch.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

let folder: string
let store: CassetteStore
let server: PairServer | undefined
let network: ReturnType<typeof cutNetwork> | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassette-'))
  store = fileStore(folder)
})
afterEach(async () => {
  network?.restore()
  network = undefined
  await server?.close()
  server = undefined
  rmSync(folder, { recursive: true })
})

async function play(pairs: readonly Pair[], options?: PairServerOptions): Promise<string> {
  server = await startPairServer(pairs, options)
  return server.origin
}

function cut(): void {
  network = cutNetwork()
}

/** All that an SDK gives for a pair's request: its objects, or its error. */
async function ask(
  pair: Pair,
  origin: string,
  fetch: typeof globalThis.fetch,
  maxRetries = 0,
): Promise<unknown> {
  try {
    const answer = await open(pair, origin, fetch, maxRetries)
    return Symbol.asyncIterator in answer ? await all(answer as AsyncIterable<unknown>) : answer
  } catch (error) {
    if (!(error instanceof OpenAI.APIError || error instanceof Anthropic.APIError)) throw error
    const { name, status, message, error: body, headers } = error
    return { name, status, message, body, requestId: headers?.get('request-id') }
  }
}

/** What the SDK gives at once: an answer, or a stream. The pairs hold what the API takes, its types need not know it. */
async function open(
  pair: Pair,
  origin: string,
  fetch: typeof globalThis.fetch,
  maxRetries = 0,
): Promise<object> {
  const { request } = pair
  const url = new URL(request.url)
  if (url.hostname.includes('anthropic')) {
    const options = { apiKey: 'sk-ant-api03-0123456789abcdefghij', baseURL: origin, timeout: 60_000 }
    return new Anthropic({ ...options, fetch, maxRetries }).messages.create(request.body as never)
  }
  const baseURL = origin + (/^.*\/v1/.exec(url.pathname)?.[0] ?? '')
  const client = new OpenAI({ apiKey: 'sk-proj-0123456789abcdefghij0123', baseURL, fetch, maxRetries })
  if (request.body === null) {
    const id = url.pathname.split('/').at(-1) as string
    return client.responses.retrieve(id, { stream: true, starting_after: 0 })
  }
  if (url.pathname.endsWith('/responses')) return client.responses.create(request.body as never)
  return client.chat.completions.create(request.body as never)
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('the OpenAI and Anthropic SDKs', () => {
  it.each(pairNames)('get from a recording what they got from the server: %s', async (name) => {
    const pair = readPair(name)
    const origin = await play([pair])
    const recorder = cassette({ store, mode: 'record', recordErrors: 'all' })
    const live = await ask(pair, origin, recorder.fetch)
    await recorder.settled()
    expect(recorder.use.recorded).toHaveLength(1)

    cut()
    const replayed = await ask(pair, origin, cassette({ store, mode: 'replay' }).fetch)
    expect(replayed).toEqual(live)
    expect(network?.attempts).toEqual([])
    expect(server?.requests).toHaveLength(1)
  })

  it('get as many chunks as came from the server', async () => {
    const pair = readPair('stream-openai-chat-parallel-tools-turn2')
    const origin = await play([pair])
    const [live, replayed] = [countChunks(), countChunks()]
    const recorder = cassette({ store, mode: 'record', fetch: live.fetch })
    await ask(pair, origin, recorder.fetch)
    await recorder.settled()
    cut()
    const { fetch } = cassette({ store, mode: 'replay' })
    await ask(pair, origin, replayed.over(fetch))
    expect(live.count()).toBeGreaterThan(50)
    expect(replayed.count()).toBe(live.count())
  })

  it.each(pairNames.filter((name) => name.startsWith('stream-')))(
    'get each event when it came, with timing: %s',
    async (name) => {
      const pair = readPair(name)
      const clock = new SimulatedClock()
      const pieces = answerText(pair).match(/[\s\S]{1,150}/g) ?? []
      const steps = pieces.map((piece, i): Step => [10 + (i % 7) * 25, piece])
      const script = { headMs: 400, headers: pair.response.headers, steps }
      const arrivals = async (fetch: typeof globalThis.fetch) => {
        const startedMs = clock.now()
        const events = (await open(pair, new URL(pair.request.url).origin, fetch)) as AsyncIterable<unknown>
        const times: number[] = []
        for await (const _ of events) times.push(clock.now() - startedMs)
        return times
      }
      const recorder = cassette({ store, clock, mode: 'record', fetch: scriptedFetch(clock, [script]).fetch })
      const live = await arrivals(recorder.fetch)
      await recorder.settled()
      cut()
      const { fetch } = cassette({ store, clock, mode: 'replay', timing: true })
      expect(await clock.run(arrivals(fetch))).toEqual(live)
      expect(new Set(live).size).toBeGreaterThan(4)
    },
  )

  it('get a second answer to the same question after the first', async () => {
    const pairs = ['anthropic-prompt-cache-repeat-1', 'anthropic-prompt-cache-repeat-2'].map(readPair)
    const origin = await play(pairs)
    const [pair] = pairs as [Pair]
    const recorder = cassette({ store, mode: 'record' })
    const live = [await ask(pair, origin, recorder.fetch), await ask(pair, origin, recorder.fetch)]
    expect(live[0]).not.toEqual(live[1])
    await recorder.settled()
    cut()
    const { fetch } = cassette({ store, mode: 'replay' })
    expect([await ask(pair, origin, fetch), await ask(pair, origin, fetch)]).toEqual(live)
  })

  it('live through the same refusals before the same answer', async () => {
    const pair = readPair('openai-chat-parallel-tools-turn1')
    const refusal = {
      status: 429,
      headers: { 'retry-after-ms': '1' },
      body: '{"error":{"message":"Slow down"}}',
    }
    const origin = await play([pair], { first: [refusal, { ...refusal, status: 503 }] })
    const statuses: number[] = []
    const noting =
      (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
      async (input, init) => {
        const response = await fetch(input, init)
        statuses.push(response.status)
        return response
      }
    const recorder = cassette({ store, mode: 'record', recordErrors: 'all' })
    const live = await ask(pair, origin, noting(recorder.fetch), 2)
    await recorder.settled()
    cut()
    expect(await ask(pair, origin, noting(cassette({ store, mode: 'replay' }).fetch), 2)).toEqual(live)
    expect(statuses).toEqual([429, 503, 200, 429, 503, 200])
  })

  it('pass over refusals that were not recorded', async () => {
    const pair = readPair('openai-chat-parallel-tools-turn1')
    const refusal = { status: 429, headers: { 'retry-after-ms': '1' }, body: '{}' }
    const origin = await play([pair], { first: [refusal] })
    const recorder = cassette({ store, mode: 'auto', isLiveInCi: true })
    const live = await ask(pair, origin, recorder.fetch, 2)
    await recorder.settled()
    expect(recorder.use.recorded).toMatchObject([{ occurrence: 1 }])
    cut()
    expect(await ask(pair, origin, cassette({ store, mode: 'replay' }).fetch, 2)).toEqual(live)
  })

  it.each(['stream-anthropic-parallel-tools-turn2-emoji', 'stream-openai-chat-parallel-tools-turn2'])(
    'may stop in the middle, live and replayed: %s',
    async (name) => {
      const pair = readPair(name)
      const origin = await play([pair, pair], { chunkBytes: 40 })
      const recorder = cassette({ store, mode: 'record' })
      const live = await askHalf(pair, origin, recorder.fetch)
      await recorder.settled()
      expect(recorder.use.recorded).toMatchObject([
        { id: expect.stringMatching(/^partial__/), occurrence: 1 },
      ])
      await expect.poll(() => server?.aborted()).toBe(1)

      await ask(pair, origin, recorder.fetch)
      await recorder.settled()
      cut()
      expect(await askHalf(pair, origin, cassette({ store, mode: 'replay' }).fetch)).toEqual(live)
    },
  )

  it('get an error where the connection broke, and no half answer later', async () => {
    const pair = readPair('stream-openai-chat-parallel-tools-turn2')
    const origin = await play([pair], { stopAfter: { chunks: 20, how: 'break' } })
    const recorder = cassette({ store, mode: 'record' })
    await expect(ask(pair, origin, recorder.fetch)).rejects.toThrow('terminated')
    await recorder.settled()
    cut()
    const replayed = ask(pair, origin, cassette({ store, mode: 'replay' }).fetch)
    await expect(replayed).resolves.toMatchObject({ name: 'Error', message: 'Connection error.' })
    const broken = ask(pair, origin, cassette({ store, mode: 'replay', partial: 'replay' }).fetch)
    await expect(broken).rejects.toThrow('terminated')
  })
})

/** Counts the chunks that a body gives its reader. */
function countChunks() {
  let chunks = 0
  const over =
    (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
    async (input, init) => {
      const response = await fetch(input, init)
      const counted = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          chunks++
          controller.enqueue(chunk)
        },
      })
      return new Response(response.body?.pipeThrough(counted), response)
    }
  return { over, fetch: over(globalThis.fetch), count: () => chunks }
}

/** The first events of a stream, of which its reader then has enough. */
async function askHalf(
  pair: Pair,
  origin: string,
  fetch: typeof globalThis.fetch,
): Promise<readonly unknown[]> {
  const events = (await open(pair, origin, fetch)) as AsyncIterable<unknown>
  const first: unknown[] = []
  for await (const event of events) if (first.push(event) === 4) break
  return first
}
