import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type CassetteStore, cassette, fileStore } from '../../src/index.ts'
import { cutNetwork } from '../support/no-network.ts'
import { type PairServer, type PairServerOptions, startPairServer } from '../support/pair-server.ts'
import { type Pair, pairNames, readPair } from '../support/pairs.ts'

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
async function ask(pair: Pair, origin: string, fetch: typeof globalThis.fetch): Promise<unknown> {
  try {
    return await (pair.request.url.includes('anthropic') ? askAnthropic : askOpenAI)(pair, origin, fetch)
  } catch (error) {
    if (!(error instanceof OpenAI.APIError || error instanceof Anthropic.APIError)) throw error
    const { name, status, message, error: body, headers } = error
    return { name, status, message, body, requestId: headers?.get('request-id') }
  }
}

async function askAnthropic({ request }: Pair, baseURL: string, fetch: typeof globalThis.fetch) {
  const client = new Anthropic({
    apiKey: 'sk-ant-api03-0123456789abcdefghij',
    baseURL,
    fetch,
    maxRetries: 0,
    timeout: 60_000,
  })
  // The pairs hold what the API takes, which its types need not know.
  const body = request.body as unknown as Anthropic.MessageCreateParams
  const answer = await client.messages.create(body)
  return Symbol.asyncIterator in answer ? all(answer) : answer
}

async function askOpenAI({ request }: Pair, origin: string, fetch: typeof globalThis.fetch) {
  const url = new URL(request.url)
  const baseURL = origin + (/^.*\/v1/.exec(url.pathname)?.[0] ?? '')
  const client = new OpenAI({ apiKey: 'sk-proj-0123456789abcdefghij0123', baseURL, fetch, maxRetries: 0 })
  const answer = (await openAIAnswer(client, request, url)) as object
  return Symbol.asyncIterator in answer ? all(answer as AsyncIterable<unknown>) : answer
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

function openAIAnswer(client: OpenAI, request: Pair['request'], url: URL): PromiseLike<unknown> {
  if (request.body === null) {
    const id = url.pathname.split('/').at(-1) as string
    return client.responses.retrieve(id, { stream: true, starting_after: 0 })
  }
  // The pairs hold what the API takes, which its types need not know.
  if (url.pathname.endsWith('/responses')) return client.responses.create(request.body as never)
  return client.chat.completions.create(request.body as never)
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
})
