import { readdirSync, readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'

import { type CassetteStore, cassette, type Exchange, memoryStore } from '../../src/index.ts'
import { all } from '../support/exchanges.ts'
import { type Script, type Step, scriptedFetch } from '../support/scripted-fetch.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const url = 'https://api.openai.com/v1/chat/completions'
const ask: RequestInit = { method: 'POST', body: '{"model":"gpt-4o","messages":[],"stream":true}' }
const chunk = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`
const done = 'data: [DONE]\n\n'
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'

let store: CassetteStore
let clock: SimulatedClock

beforeEach(() => {
  store = memoryStore()
  clock = new SimulatedClock()
})

function recording(script: Script, options: object = {}) {
  const network = scriptedFetch(clock, [script])
  return { network, ...cassette({ store, clock, fetch: network.fetch, mode: 'record', ...options }) }
}

async function recorded(): Promise<Exchange | undefined> {
  const [entry] = await all(store.entries())
  return entry?.type === 'cassette' ? entry.cassette.exchange : undefined
}

async function endOf(steps: readonly Step[], headers?: Readonly<Record<string, string>>) {
  const { fetch, settled } = recording({ steps, ...(headers && { headers }) })
  await (await fetch(url, ask)).text().catch(() => undefined)
  await settled()
  return (await recorded())?.end
}

describe('a response that is recorded', () => {
  it('is kept as it came: chunk by chunk, with times from the request on', async () => {
    const emoji = Buffer.from(chunk('😀'))
    const steps: readonly Step[] = [
      [20, emoji.subarray(0, 50)],
      [30, emoji.subarray(50)],
      [40, finish + done],
    ]
    const { fetch, settled } = recording({ headMs: 100, steps })
    await (await fetch(url, ask)).text()
    await settled()
    const exchange = await recorded()
    expect(exchange?.response?.atMs).toBe(100)
    expect(exchange?.chunks.map(({ atMs }) => atMs)).toEqual([120, 150, 190])
    expect(exchange?.chunks.map(({ bytes }) => bytes.length)).toEqual(steps.map(([, piece]) => piece.length))
    expect(exchange?.end).toEqual({ type: 'complete', atMs: 190 })
    expect(exchange?.startedAt).toBe('2026-01-01T00:00:01.000Z')
  })

  it('is read no faster than its reader reads', async () => {
    const steps = Array.from({ length: 100 }, (): Step => [1, chunk('x'.repeat(10_000))])
    const { fetch, network } = recording({ steps })
    const reader = (await fetch(url, ask)).body?.getReader()
    expect(network.pulled()).toBe(0)
    for (let i = 1; i <= 3; i++) {
      await reader?.read()
      expect(network.pulled()).toBe(i)
    }
    await reader?.cancel()
  })

  it('is passed on before the next piece is there', async () => {
    const { fetch } = recording({
      steps: [
        [1, chunk('a')],
        [1, chunk('b')],
      ],
    })
    const reader = (await fetch(url, ask)).body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(chunk('a'))
    await reader?.cancel()
  })

  it('keeps its bytes though its reader takes them away', async () => {
    const { fetch, settled } = recording({
      steps: [
        [1, chunk('a')],
        [1, finish + done],
      ],
    })
    for await (const bytes of (await fetch(url, ask)).body ?? [])
      structuredClone(bytes, { transfer: [bytes.buffer] })
    await settled()
    expect(Buffer.from((await recorded())?.chunks[0]?.bytes ?? []).toString()).toBe(chunk('a'))
  })

  it('is one chunk where it is JSON, whatever the network made of it', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const { fetch, settled } = recording({
      headMs: 5,
      headers,
      steps: [
        [1, '{"a"'],
        [2, ':1'],
        [3, '}'],
      ],
    })
    await (await fetch(url, ask)).json()
    await settled()
    const chunks = (await recorded())?.chunks.map(({ bytes, atMs }) => [atMs, Buffer.from(bytes).toString()])
    expect(chunks).toEqual([[11, '{"a":1}']])
  })

  it('can be cloned', async () => {
    const { fetch, settled } = recording({
      steps: [
        [1, chunk('a')],
        [1, finish + done],
      ],
    })
    const response = await fetch(url, ask)
    const [left, right] = await Promise.all([response.clone().text(), response.text()])
    expect(left).toBe(right)
    await settled()
    expect((await recorded())?.end.type).toBe('complete')
  })

  it('has the headers that it came with, and is kept without those of its coding', async () => {
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': '40',
      'x-a': 'b',
    }
    const { fetch, settled } = recording({ headers, steps: [[1, '{}']] })
    const response = await fetch(url, ask)
    expect(response.headers.get('content-encoding')).toBe('gzip')
    await response.text()
    await settled()
    expect((await recorded())?.response?.headers).toEqual([
      ['content-type', 'application/json'],
      ['x-a', 'b'],
    ])
  })

  it('is truncated beyond the limit, and passes whole', async () => {
    const steps: readonly Step[] = [
      [1, chunk('a')],
      [1, chunk('b')],
      [1, finish + done],
    ]
    const { fetch, settled } = recording({ steps }, { maxResponseBytes: 100 })
    expect(await (await fetch(url, ask)).text()).toBe(chunk('a') + chunk('b') + finish + done)
    await settled()
    const exchange = await recorded()
    expect(exchange?.end).toEqual({ type: 'truncated', atMs: 3, reason: 'too_large' })
    expect(exchange?.chunks).toHaveLength(1)
  })

  it('is not kept where what broke off is not to be', async () => {
    const { fetch, settled } = recording({ steps: [[1, chunk('a')]] }, { keepPartial: false })
    await (await fetch(url, ask)).text()
    await settled()
    expect(await recorded()).toBeUndefined()
  })
})

describe('the end of a recording', () => {
  it('is complete with the end marker of its wire', async () => {
    expect(
      await endOf([
        [1, chunk('a')],
        [1, finish],
        [1, done],
      ]),
    ).toMatchObject({ type: 'complete' })
  })

  it('is complete with a finish reason, where its server says no [DONE]', async () => {
    expect(await endOf([[1, chunk('a') + finish]])).toMatchObject({ type: 'complete' })
  })

  it('is complete with an error that is the last word', async () => {
    const error = 'event: error\ndata: {"error":{"message":"tool_use_failed"}}\n\n'
    expect(
      await endOf([
        [1, chunk('a')],
        [1, error],
      ]),
    ).toMatchObject({ type: 'complete' })
  })

  it('is truncated without', async () => {
    expect(
      await endOf([
        [1, chunk('a')],
        [1, chunk('b')],
      ]),
    ).toMatchObject({ type: 'truncated', reason: 'no_end_marker' })
  })

  it('is truncated in the middle of the last message', async () => {
    expect(
      await endOf([
        [1, chunk('a')],
        [1, 'data: [DO'],
      ]),
    ).toMatchObject({ type: 'truncated' })
  })

  it('is truncated where nothing came but comments', async () => {
    expect(await endOf([[1, ': PROCESSING\n\n']])).toMatchObject({ type: 'truncated' })
  })

  it('is complete where nobody knows the wire', async () => {
    expect(await endOf([[1, 'event: bar\ndata: {"foo":1}\n\n']])).toMatchObject({ type: 'complete' })
    expect(await endOf([[1, 'plain text']], { 'content-type': 'text/plain' })).toMatchObject({
      type: 'complete',
    })
  })

  it('is an error where the connection broke, with what was said', async () => {
    const end = await endOf([
      [1, chunk('a')],
      [2, 'break'],
    ])
    expect(end).toEqual({
      type: 'error',
      atMs: 3,
      where: 'response',
      message: 'TypeError: terminated (other side closed)',
    })
  })

  it('is an error where there was no answer', async () => {
    const { fetch, settled } = recording({ steps: [] })
    await (await fetch(url, ask)).text()
    await expect(fetch(url, ask)).rejects.toThrow('fetch failed')
    await settled()
    const ends = (await all(store.entries())).map(
      (entry) => entry.type === 'cassette' && entry.cassette.exchange.end,
    )
    expect(ends).toContainEqual(expect.objectContaining({ type: 'error', where: 'request' }))
  })

  it('is aborted where its reader had enough, and its server hears of it', async () => {
    const { fetch, settled, network } = recording({
      steps: [
        [1, chunk('a')],
        [1, finish + done],
      ],
    })
    const reader = (await fetch(url, ask)).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await settled()
    expect((await recorded())?.end).toEqual({ type: 'aborted', atMs: 1, where: 'response' })
    expect(network.cancelled()).toBe(1)
  })

  it('is aborted by the signal, also where nobody reads', async () => {
    const controller = new AbortController()
    const { fetch, settled } = recording({
      steps: [
        [1, chunk('a')],
        [1, done],
      ],
    })
    const response = await fetch(url, { ...ask, signal: controller.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    controller.abort(new Error('enough'))
    await settled()
    expect((await recorded())?.end).toMatchObject({ type: 'aborted', where: 'response' })
    await expect(reader?.read()).rejects.toThrow('enough')
  })

  it('is complete where its reader stops at the end marker', async () => {
    const { fetch, settled } = recording({
      steps: [
        [1, chunk('a')],
        [1, finish + done],
        [1, ': more\n\n'],
      ],
    })
    const reader = (await fetch(url, ask)).body?.getReader()
    for (let i = 0; i < 2; i++) await reader?.read()
    await reader?.cancel()
    await settled()
    expect((await recorded())?.end).toMatchObject({ type: 'complete' })
  })

  const streams = new URL('../../../../spec/dialects/streams/', import.meta.url)
  const files = ['openai-chat', 'openai-responses', 'anthropic-messages'].flatMap((dialect) =>
    readdirSync(new URL(`${dialect}/`, streams)).map((name) => `${dialect}/${name}`),
  )
  const cutShort = 'anthropic-messages/truncated-tool-json-max-tokens-padded.sse'

  it.each(files)('is complete for a real stream, and not for its first half: %s', async (name) => {
    const text = readFileSync(new URL(name, streams), 'utf8')
    expect(await endOf([[1, text]])).toMatchObject({ type: 'complete' })
    store = memoryStore()
    // Errors come early, and are the last word.
    if (/error/.test(name) && name !== cutShort) return
    expect(await endOf([[1, text.slice(0, text.length / 2)]])).toMatchObject({ type: 'truncated' })
  })
})
