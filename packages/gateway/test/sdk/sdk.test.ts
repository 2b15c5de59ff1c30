import { createHash } from 'node:crypto'
import type { RequestListener } from 'node:http'

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'

import { bodyOf, fakeApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { messagesOf, streamNamed, streamsOf } from '../support/streams.ts'

const SSE = { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_1' }

/** The API itself, and the gateway before it. */
async function bothWays(answer: RequestListener): Promise<{ direct: string; gateway: string }> {
  const api = await fakeApi(async (request, response) => {
    await bodyOf(request)
    answer(request, response)
  })
  return { direct: api.url, gateway: (await startGateway({ target: api.url })).url }
}

/** Writes a stream in pieces that are no messages. */
const play =
  (stream: Buffer): RequestListener =>
  (_, response) => {
    response.writeHead(200, SSE)
    for (let from = 0; from < stream.length; from += 997) response.write(stream.subarray(from, from + 997))
    response.end()
  }

const openai = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
const anthropic = (url: string) => new Anthropic({ baseURL: url, apiKey: 'sk-ant-test', maxRetries: 0 })

const QUESTION = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] }

/** Everything an SDK makes of an answer: its events, or the error it throws. */
async function seen(events: Promise<AsyncIterable<unknown>> | AsyncIterable<unknown>): Promise<unknown> {
  const all: unknown[] = []
  try {
    for await (const event of await events) all.push(event)
  } catch (error) {
    const { name, message, status, headers } = error as Error & { status?: number; headers?: Headers }
    const retryAfter = headers?.get('retry-after')
    return { all, error: { name, message, status, retryAfter, requestId: headers?.get('x-request-id') } }
  }
  return { all }
}

const chat = (url: string) => seen(openai(url).chat.completions.create({ ...QUESTION, stream: true }))
const responses = (url: string) =>
  seen(openai(url).responses.create({ model: 'm', input: 'Hi', stream: true }))
const messages = (url: string) =>
  seen(anthropic(url).messages.create({ ...QUESTION, max_tokens: 100, stream: true }))

const DIALECTS = [
  ['openai-chat', chat],
  ['openai-responses', responses],
  ['anthropic-messages', messages],
] as const

describe.each(DIALECTS)('%s through the gateway', { timeout: 60_000 }, (dialect, ask) => {
  it.each(streamsOf(dialect))('has the same bytes and the same events: %s', async (_, stream) => {
    const { direct, gateway } = await bothWays(play(stream))
    expect(await ask(gateway)).toEqual(await ask(direct))
    const answer = await fetch(`${gateway}/v1/anything`, { method: 'POST', body: '{}' })
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(new Uint8Array(await answer.arrayBuffer()))).toBe(hash(stream))
  })

  it.each([
    [401, { 'x-request-id': 'req_2' }],
    [429, { 'retry-after': '17', 'x-request-id': 'req_3' }],
    [500, {}],
    [529, { 'retry-after-ms': '20' }],
  ])('has the same error of the status %i', async (status, headers) => {
    const { direct, gateway } = await bothWays((_, response) => {
      response.writeHead(status, { ...headers, 'content-type': 'application/json' })
      response.end(JSON.stringify({ type: 'error', error: { type: 'some_error', message: 'No.' } }))
    })
    const seenDirect = await ask(direct)
    expect(seenDirect).toMatchObject({ error: { status } })
    expect(await ask(gateway)).toEqual(seenDirect)
  })

  it('has the same error when the connection breaks in the middle', async () => {
    const name = { 'openai-chat': 'openai-refusal', 'openai-responses': 'parallel-tools-gpt5' }[
      dialect as string
    ]
    const [first = '', second = '', third = ''] = messagesOf(streamNamed(dialect, name ?? 'emoji-text'))
    const { direct, gateway } = await bothWays((_, response) => {
      response.writeHead(200, SSE)
      response.write(first + second + third, () => response.destroy())
    })
    const seenDirect = await ask(direct)
    expect(seenDirect).toHaveProperty('error')
    expect(await ask(gateway)).toEqual(seenDirect)
  })
})

describe('an answer that is not streamed', () => {
  it('is the same', async () => {
    const answer = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] }
    const { direct, gateway } = await bothWays((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
    const ask = (url: string) => openai(url).chat.completions.create(QUESTION)
    expect(await ask(gateway)).toEqual(await ask(direct))
  })

  it('is the same of what asks no model', async () => {
    const { direct, gateway } = await bothWays((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ object: 'list', data: [{ id: request.url, object: 'model' }] }))
    })
    const ask = async (url: string) => (await openai(url).models.list()).data
    expect(await ask(gateway)).toEqual(await ask(direct))
  })
})
