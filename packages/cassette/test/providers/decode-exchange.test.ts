import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Exchange, ExchangeEnd, HeaderPair } from '../../src/exchange.ts'
import { answerTimes, conversationOf, decodeExchange } from '../../src/providers/decode-exchange.ts'

interface Given {
  readonly url?: string
  readonly status?: number
  readonly headers?: readonly HeaderPair[]
  readonly end?: ExchangeEnd
}

function exchange(body: Uint8Array | string, given: Given = {}): Exchange {
  const {
    url = 'https://api.openai.com/v1/chat/completions',
    status = 200,
    headers = [],
    end = { type: 'complete', atMs: 90 },
  } = given
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return {
    startedAt: '2026-01-01T00:00:00.000Z',
    request: {
      method: 'POST',
      url,
      headers: [],
      body: new TextEncoder().encode('{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}'),
    },
    response: { status, statusText: '', headers, url: '', isRedirected: false, atMs: 10 },
    chunks: [{ bytes, atMs: 20 }],
    end,
  }
}

const json = JSON.stringify({
  object: 'chat.completion',
  model: 'gpt-4o',
  choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }],
})
const sse = `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`

describe('decodeExchange', () => {
  it.each([
    ['JSON', json, [['content-type', 'application/json']]],
    ['a stream', sse, [['content-type', 'text/event-stream; charset=utf-8']]],
    ['a stream without a content type', sse, []],
    ['a stream with comments first', `: hello\n\n${sse}`, []],
    ['JSON without a content type', json, []],
  ] as const)('reads %s', (_, body, headers) => {
    expect(decodeExchange(exchange(body, { headers }))).toMatchObject({ text: 'Hello', isTruncated: false })
  })

  it('says of an answer that broke off that it is cut off', () => {
    const end = { type: 'aborted', atMs: 40, where: 'response' } as const
    expect(decodeExchange(exchange(sse, { end }))).toMatchObject({ text: 'Hello', isTruncated: true })
  })

  it('reads another wire where it is told whose it is', () => {
    const anthropic = {
      type: 'message',
      model: 'c',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
    }
    expect(
      decodeExchange(exchange(JSON.stringify(anthropic), { url: 'http://127.0.0.1/v1/messages' })).text,
    ).toBe('Hi')
  })

  it.each([
    [exchange(json, { url: 'https://example.com/', status: 500 }), /status 500/],
    [exchange('{"error":{"type":"x","message":"y"}}', { status: 404 }), /status 404/],
    [exchange('<html>'), /no JSON object/],
  ])('says why there is no answer, %#', (broken, message) => {
    expect(() => decodeExchange(broken)).toThrow(message)
  })

  it('says so of a request that broke off, and one to nobody that is known', () => {
    const { response: _, ...rest } = exchange('')
    const lost: Exchange = {
      ...rest,
      chunks: [],
      end: { type: 'error', atMs: 5, where: 'request', message: 'reset' },
    }
    expect(() => decodeExchange(lost)).toThrow(/no response: the request ended in error/)
    const request = { ...rest.request, url: 'https://example.com/', body: new Uint8Array() }
    expect(() => decodeExchange({ ...exchange(json), request })).toThrow(/no model API that is known/)
    expect(() => conversationOf(request)).toThrow(/POST \/ is no request to a known model API/)
  })

  const PAIRS = new URL('../pairs/', import.meta.url)
  const pairs = readdirSync(PAIRS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  )

  it.each(pairs)('reads the recorded answer %s', (name) => {
    const { request, response } = JSON.parse(readFileSync(new URL(name, PAIRS), 'utf8'))
    const headers = Object.entries<string>(response.headers)
    const recorded = {
      ...exchange(response.body_sse ?? response.body_text, { headers, status: response.status }),
      request: {
        method: request.method,
        url: request.url,
        headers: [],
        body: new TextEncoder().encode(request.body_text ?? ''),
      },
    }
    if (response.status >= 400) {
      expect(() => decodeExchange(recorded)).toThrow(`status ${response.status}`)
      return
    }
    const { text, toolCalls, usage } = decodeExchange(recorded)
    expect(text.length + toolCalls.length).toBeGreaterThan(0)
    expect(usage?.output).toBeGreaterThan(0)
  })
})

describe('answerTimes', () => {
  it('counts from the start of the request', () => {
    expect(answerTimes(exchange(json))).toEqual({ firstByteMs: 20, totalMs: 90 })
    expect(answerTimes({ ...exchange(json), chunks: [] }).firstByteMs).toBeNull()
  })
})
