import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { bodyBytes, type Cassette, cassette, fileStore, fingerprint } from '../../src/index.ts'
import { someCassette, someExchange, someRequest } from '../support/exchanges.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const url = 'https://api.openai.com/v1/chat/completions'
const body = '{"messages":[{"role":"user","content":"Hi"}],"model":"gpt-4o-mini"}'
const streamBody = '{"messages":[{"role":"user","content":"Hi"}],"model":"gpt-4o-mini","stream":true}'
const id = fingerprint({ method: 'POST', url, headers: [], body: Buffer.from(body) }).cassetteId
const answer = '{"choices":[{"message":{"role":"assistant","content":"Hallo"}}]}'
const events = ['data: {"choices":[{"index":0,"delta":{"content":"Ha', 'llo"}}]}\n\n']
const lastEvent = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

const json = [['Content-Type', 'application/json']] as const
const stream = [['Content-Type', 'text/event-stream']] as const

interface OldFile {
  readonly content?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly chunks?: readonly unknown[]
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A file as agentrec 1.0 writes it. */
function writeOld(name: string, { content = body, headers = json, chunks, metadata }: OldFile = {}): void {
  const file = {
    summary: { provider: 'openai', model: 'gpt-4o-mini', prompt: 'Hi', response: 'Hallo' },
    metadata: {
      provider: 'openai',
      model: 'gpt-4o-mini',
      recorded_at: '2026-06-11T12:07:30.901667+00:00',
      ...metadata,
    },
    request: { method: 'POST', url, headers: [['Authorization', '[REDACTED]']], content },
    response_status: 200,
    response_headers: headers,
    response_extensions: { http_version: { __bytes__: 'HTTP/1.1' }, reason_phrase: { __bytes__: 'OK' } },
    chunks: chunks ?? [{ data: answer, timestamp_offset: 0.0004 }],
  }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(file, null, 2))
}

async function readOld(): Promise<Cassette | undefined> {
  return fileStore(folder).read({ id, occurrence: 1 })
}

function ask(content: string) {
  const { fetch } = cassette({ store: fileStore(folder), mode: 'replay' })
  return fetch(url, { method: 'POST', body: content, headers: { 'content-type': 'application/json' } })
}

describe('a corpus of agentrec', () => {
  it('answers the requests it has', async () => {
    writeOld(id)
    const response = await ask(body)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(answer)
  })

  it('answers for as often as it is asked', async () => {
    writeOld(id)
    const { fetch } = cassette({ store: fileStore(folder), mode: 'replay' })
    for (let i = 0; i < 3; i++) expect(await (await fetch(url, { method: 'POST', body })).text()).toBe(answer)
  })

  it('does not answer a stream with JSON, or JSON with a stream, though they have one id', async () => {
    writeOld(id)
    await expect(ask(streamBody)).rejects.toMatchObject({ code: 'miss' })
    rmSync(join(folder, `${id}.json`))
    const chunks = [...events, lastEvent].map((data, i) => ({ data, timestamp_offset: i }))
    writeOld(id, { content: streamBody, headers: stream, chunks })
    await expect(ask(body)).rejects.toMatchObject({ code: 'miss' })
    expect(await (await ask(streamBody)).text()).toBe(events.join('') + lastEvent)
  })

  it('is no answer where a stream was cut, though agentrec kept it as whole', async () => {
    const chunks = events.map((data, i) => ({ data, timestamp_offset: i }))
    writeOld(id, { content: streamBody, headers: stream, chunks })
    expect((await readOld())?.exchange.end).toMatchObject({ type: 'truncated', reason: 'no_end_marker' })
    await expect(ask(streamBody)).rejects.toMatchObject({ code: 'miss' })
  })

  it.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', zlib.brotliCompressSync],
    ['zstd', zlib.zstdCompressSync],
  ] as const)('is readable where it was compressed: %s', async (encoding, compress) => {
    const bytes = compress(answer)
    const data = (part: Buffer) => ({ __b64__: part.toString('base64') })
    const chunks = [
      { data: data(bytes.subarray(0, 30)), timestamp_offset: 0.1 },
      { data: data(bytes.subarray(30)), timestamp_offset: 0.2 },
    ]
    writeOld(id, { headers: [...json, ['Content-Encoding', encoding]], chunks })
    const exchange = (await readOld())?.exchange
    expect(exchange && Buffer.from(bodyBytes(exchange)).toString()).toBe(answer)
    expect(exchange?.response?.headers).toEqual([['content-type', 'application/json']])
    expect(await (await ask(body)).text()).toBe(answer)
  })

  it('is damaged where its compressed bytes are', async () => {
    const chunks = [
      { data: { __b64__: Buffer.from('\xffnone', 'latin1').toString('base64') }, timestamp_offset: 0 },
    ]
    writeOld(id, { headers: [...json, ['Content-Encoding', 'gzip']], chunks })
    await expect(readOld()).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('is damaged where a time is none', async () => {
    writeOld(id, { chunks: [{ data: answer, timestamp_offset: 'soon' }] })
    await expect(readOld()).rejects.toThrow('a "timestamp_offset" is no number')
  })

  it('counts time from the request on, where its metadata tell the wait', async () => {
    writeOld(id, { metadata: { latency_first_chunk_s: 0.4004 } })
    const exchange = (await readOld())?.exchange
    expect(exchange?.response?.atMs).toBeCloseTo(400)
    expect(exchange?.chunks[0]?.atMs).toBeCloseTo(400.4)
    expect(exchange?.startedAt).toBe('2026-06-11T12:07:30.901Z')
  })

  it('keeps what it says of itself', async () => {
    writeOld(id, { metadata: { category: 'extract' } })
    expect((await readOld())?.metadata).toMatchObject({ category: 'extract', provider: 'openai' })
  })
})

describe('fileStore in the layout of agentrec', () => {
  it('writes what agentrec reads', async () => {
    const store = fileStore(folder, { layout: 'agentrec' })
    const request = someRequest({ body: Buffer.from(streamBody) })
    const emoji = Buffer.from('data: "😀"\n\n')
    const exchange = someExchange([emoji.subarray(0, 8), emoji.subarray(8), lastEvent], { request })
    await store.write(someCassette({ id, exchange, metadata: { category: 'greeting' } }))
    const file = JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8'))
    expect(Object.keys(file)).toEqual([
      ...['metadata', 'request', 'response_status', 'response_headers', 'response_extensions', 'chunks'],
    ])
    expect(file.request).toEqual({
      method: 'POST',
      url,
      headers: [['content-type', 'application/json']],
      content: streamBody,
    })
    expect(file.metadata).toEqual({
      provider: 'openai',
      model: 'gpt-4o-mini',
      semantic_key: fingerprint(request).semanticKey,
      semantic_key_version: 1,
      latency_first_chunk_s: 0.01,
      latency_s: 0.03,
      recorded_at: '2026-06-11T12:07:30.901+00:00',
      category: 'greeting',
    })
    expect(file.chunks).toEqual([
      { data: { __b64__: emoji.subarray(0, 8).toString('base64') }, timestamp_offset: 0.005 },
      { data: { __b64__: emoji.subarray(8).toString('base64') }, timestamp_offset: 0.015 },
      { data: lastEvent, timestamp_offset: 0.025 },
    ])
  })

  it('has no place for what broke off', async () => {
    const store = fileStore(folder, { layout: 'agentrec' })
    const exchange = someExchange(events, { end: { type: 'aborted', atMs: 1, where: 'response' } })
    expect(await store.write(someCassette({ exchange }))).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
  })
})
