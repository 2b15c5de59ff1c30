import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import {
  type CassetteOptions,
  cassette,
  createCassetteWriter,
  createExchangeScrubber,
  type Exchange,
  fileStore,
} from '../../src/index.ts'
import { someCassette, someExchange, someRequest } from '../support/exchanges.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Made up. */
const secrets = {
  openai: 'sk-proj-Zx81kQ0vB7nR3tYw2LpM',
  anthropic: 'sk-ant-api03-9fK2mN4pQ6rS8tU0vW1x',
  google: 'AIzaSyD3x4mpl3K3y0123456789abcdefghijk',
  github: 'ghp_0123456789abcdefghijABCDEFGHIJ012345',
  aws: 'AKIAIOSFODNN7EXAMPLE',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N',
} as const
const own = 'my-vendor-key-42-is-nobodys-pattern'

const onDisk = () =>
  readdirSync(folder)
    .map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`)
    .join('\n')

async function write(exchange: Exchange, options: object = {}): Promise<string> {
  rmSync(folder, { recursive: true })
  await createCassetteWriter({
    store: fileStore(folder, { fsync: false }),
    recordErrors: 'all',
    ...options,
  }).write(exchange)
  return onDisk()
}

/** Answers any request with this, under these headers. */
async function record(
  url: string,
  init: RequestInit,
  answer: { readonly body: string; readonly headers?: Readonly<Record<string, string>> },
  options: Partial<CassetteOptions> = {},
): Promise<string> {
  const headers = { 'content-type': 'application/json', ...answer.headers }
  const fetch = async () => new Response(answer.body, { headers })
  const opened = cassette({ store: fileStore(folder), mode: 'record', fetch, ...options })
  await (await opened.fetch(url, init)).text()
  await opened.settled()
  return onDisk()
}

describe('what is written', () => {
  it('has no secret of the headers, the URL, either body, or the metadata', async () => {
    const planted = {
      authorization: `Bearer ${secrets.openai}`,
      'x-api-key': secrets.anthropic,
      'x-goog-api-key': secrets.google,
      'helicone-auth': `Bearer ${own}-1`,
      'proxy-authorization': 'Basic dXNlcjpwYXNzd29yZC0xMjM0',
      'cf-access-client-secret': `${own}-2`,
      'openai-organization': 'org-0123456789abcdef',
      'openai-project': 'proj_0123456789abcdef',
      cookie: `session=${own}-3`,
    }
    const text = await record(
      `https://generativelanguage.googleapis.com/v1beta/models/g:generateContent?alt=sse&key=${secrets.google}&token=${own}-5`,
      {
        method: 'POST',
        headers: planted,
        body: JSON.stringify({ prompt: `my key is ${secrets.github}`, password: `${own}-6` }),
      },
      {
        body: JSON.stringify({
          text: `You said ${secrets.github}; ${secrets.jwt}`,
          access_token: `${own}-7`,
        }),
        headers: {
          'set-cookie': `sid=${own}-8`,
          'openai-organization': 'org-0123456789abcdef',
          'x-debug': secrets.aws,
        },
      },
      { metadata: { ran_with: secrets.anthropic } },
    )
    for (const secret of [
      ...Object.values(secrets),
      own,
      'org-0123456789abcdef',
      'proj_0123456789abcdef',
      'dXNlcjpw',
    ]) {
      expect(text).not.toContain(secret)
    }
    expect(text).toContain('?alt=sse&key=[REDACTED:secret]&token=[REDACTED:secret]')
  })

  it('has no secret of the request that its server repeats, whatever it looks like', async () => {
    const text = await record(
      'https://llm.example.com/v1/chat/completions',
      { method: 'POST', headers: { 'x-api-key': own }, body: '{"model":"m"}' },
      { body: JSON.stringify({ error: `Incorrect API key provided: ${own}.` }), headers: { 'x-echo': own } },
    )
    expect(text).not.toContain(own)
    expect(text).toContain('Incorrect API key provided: [REDACTED:pattern].')
  })

  it('has none that it repeats as a URL has it, and no password of Basic authentication', async () => {
    const key = `a/b+c=${own}`
    const basic = Buffer.from(`user:${own}`).toString('base64')
    const text = await record(
      `https://llm.example.com/v1?api_key=${encodeURIComponent(key)}`,
      { headers: { authorization: `Basic ${basic}` } },
      { body: JSON.stringify({ error: `Wrong: ${encodeURIComponent(key)}, ${own}` }) },
    )
    expect(text).toContain('Wrong: [REDACTED:pattern], [REDACTED:pattern]')
    expect(text).not.toContain(own)
  })

  it('has no user and no password of an address', async () => {
    const url = `https://user:${own}-4@llm.example.com/v1?x=1`
    const text = await write(someExchange([], { request: someRequest({ url }) }))
    expect(text).toContain('"url": "https://llm.example.com/v1?x=1"')
    expect(text).not.toContain(own)
  })

  it('has none in what an error says', async () => {
    const fetch = () =>
      Promise.reject(
        new TypeError('fetch failed', { cause: new Error(`https://a:${own}@b/ ${secrets.openai}`) }),
      )
    const opened = cassette({ store: fileStore(folder), mode: 'record', fetch })
    await expect(opened.fetch('https://a.example.com/')).rejects.toThrow('fetch failed')
    await opened.settled()
    expect(onDisk()).toContain('fetch failed')
    expect(onDisk()).not.toContain(own)
    expect(onDisk()).not.toContain(secrets.openai)
  })

  it('has no secret that chunks cut, wherever they do', async () => {
    const body = Buffer.from(`{"text":"a key: ${secrets.openai}, é and a token ${secrets.jwt} "}`)
    for (let cut = 1; cut < body.length; cut++) {
      const exchange = plainText([body.subarray(0, cut), body.subarray(cut)])
      const text = await write(exchange)
      const found = (await fileStore(folder).read({ id: idOn(text), occurrence: 1 }))?.exchange
      expect(Buffer.concat(found?.chunks.map(({ bytes }) => bytes) ?? []).toString()).toBe(
        '{"text":"a key: sk-[REDACTED:api-key], é and a token eyJ[REDACTED:jwt] "}',
      )
      expect(found?.chunks.map(({ atMs }) => atMs)).toEqual([10, 20])
    }
  })

  it('has no secret that comes a byte at a time', async () => {
    const body = Buffer.from(`a key: ${secrets.anthropic} 日本`)
    await write(plainText([...body].map((byte) => Buffer.from([byte]))))
    const text = onDisk()
    const found = (await fileStore(folder).read({ id: idOn(text), occurrence: 1 }))?.exchange
    expect(found?.chunks).toHaveLength(body.length)
    expect(Buffer.concat(found?.chunks.map(({ bytes }) => bytes) ?? []).toString()).toBe(
      'a key: sk-[REDACTED:api-key] 日本',
    )
  })

  const dialects = {
    'OpenAI chat': (text: string) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`,
    'OpenAI Responses': (text: string) =>
      `event: response.output_text.delta\ndata: ${JSON.stringify({ type: 'response.output_text.delta', item_id: 'm', delta: text })}\n\n`,
    Anthropic: (text: string) =>
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`,
    'tool arguments': (text: string) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: text } }] } }] })}\n\n`,
  }

  it.each(Object.entries(dialects))(
    'has no secret that a model says token by token: %s',
    async (_, event) => {
      const answer = `Your key is ${secrets.openai} indeed.`
      for (let size = 1; size <= 7; size++) {
        const tokens = answer.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
        const exchange = someExchange(tokens.map(event))
        const text = await write(exchange)
        const found = (await fileStore(folder).read({ id: idOn(text), occurrence: 1 }))?.exchange
        const said = (found?.chunks ?? []).map(({ bytes }) => textOf(Buffer.from(bytes).toString())).join('')
        expect(said).toBe('Your key is sk-[REDACTED:api-key] indeed.')
        expect(found?.chunks).toHaveLength(tokens.length)
      }
    },
  )

  it('has no secret of several messages that chunks cut, wherever they do', async () => {
    const event = dialects['OpenAI chat']
    const stream = Buffer.from(
      [`a ${secrets.openai.slice(0, 9)}`, secrets.openai.slice(9), ' é b'].map(event).join(''),
    )
    for (let cut = 1; cut < stream.length; cut += 3) {
      const text = await write(someExchange([stream.subarray(0, cut), stream.subarray(cut)]))
      const found = (await fileStore(folder).read({ id: idOn(text), occurrence: 1 }))?.exchange
      const whole = Buffer.concat(found?.chunks.map(({ bytes }) => bytes) ?? []).toString()
      expect(whole.split('\n\n').map(textOf).join('')).toBe('a sk-[REDACTED:api-key] é b')
      expect(found?.chunks).toHaveLength(2)
    }
  })

  it.each([
    'task-management-system-v2',
    'the bearer of bad news',
    'sk-learn and risk-averse-investment-strategies',
    'The secret of password policies is a token gesture',
    'basic-authentication-flow',
  ])('leaves innocent text as it is: %s', async (innocent) => {
    const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: innocent }] })
    const exchange = someExchange([JSON.stringify({ text: innocent })], {
      request: someRequest({ body: Buffer.from(body) }),
    })
    const text = await write(exchange)
    expect(text.split(innocent)).toHaveLength(3)
    expect(text).not.toContain('REDACTED')
  })

  it('is what was captured where nothing is to be scrubbed', async () => {
    expect(await write(someExchange([secrets.openai]), { scrub: false })).toContain(secrets.openai)
  })

  it('has nothing that the caller calls secret', async () => {
    const body = JSON.stringify({
      model: 'm',
      customer: { iban: 'DE89370400440532013000' },
      text: 'ACME-1234',
    })
    const exchange = someExchange([body], { request: someRequest({ body: Buffer.from(body) }) })
    const text = await write(exchange, { scrub: { keys: ['iban'], patterns: [/ACME-\d+/] } })
    expect(text).not.toMatch(/DE89|ACME-1/)
  })

  it('is the same bytes where there is no secret, however characters are cut', async () => {
    const body = Buffer.from('data: {"a":"😀日本"}\n\ndata: [DONE]\n\n')
    const exchange = someExchange([body.subarray(0, 14), body.subarray(14, 16), body.subarray(16)])
    const { exchange: scrubbed } = createExchangeScrubber().scrub(someCassette({ exchange }))
    for (const [i, chunk] of scrubbed.chunks.entries()) expect(chunk.bytes).toBe(exchange.chunks[i]?.bytes)
  })
})

describe('matching', () => {
  const ask = (key: string, headers: Record<string, string> = {}): [string, RequestInit] => [
    `https://api.example.com/v1/things?b=2&a=1&api_key=${key}`,
    {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'm', mcp: { authorization: `Bearer ${key}` }, text: key }),
    },
  ]

  it('does not depend on whose secrets a request has', async () => {
    await record(...ask(secrets.openai, { authorization: 'Bearer one' }), { body: '{"a":1}' })
    const offline = cassette({ store: fileStore(folder), mode: 'replay' })
    const answer = await offline.fetch(
      ...ask('sk-proj-another0000111122223333', { authorization: 'Bearer two' }),
    )
    expect(await answer.json()).toEqual({ a: 1 })
  })

  it('does not depend on what is scrubbed', async () => {
    await record(...ask(secrets.openai), { body: '{"a":1}' }, { scrub: false })
    const offline = cassette({ store: fileStore(folder), mode: 'replay', scrub: { keys: ['text'] } })
    expect(await (await offline.fetch(...ask(secrets.openai))).json()).toEqual({ a: 1 })
  })

  it('does not depend on what of an id looks like a secret of the caller', async () => {
    const scrub = { patterns: [/[0-9a-f]{2}/] }
    await record(...ask('none'), { body: '{"a":1}' }, { scrub })
    const offline = cassette({ store: fileStore(folder), mode: 'replay', scrub })
    expect(await (await offline.fetch(...ask('none'))).json()).toEqual({ a: 1 })
  })

  it('finds what has a secret in a key of the caller, which is not written', async () => {
    const key = `for ${secrets.openai} and ACME-1234`
    const options = { key, scrub: { patterns: [/ACME-\d+/] } }
    const text = await record(...ask('none'), { body: '{"a":1}' }, options)
    expect(text).not.toMatch(/ACME-1|Zx81/)
    const offline = cassette({ store: fileStore(folder), mode: 'replay', ...options })
    expect(await (await offline.fetch(...ask('none'))).json()).toEqual({ a: 1 })
  })
})

describe('strict', () => {
  it('writes no cassette in which a secret is left, and says where', async () => {
    const encoded = Buffer.from(own).toString('base64')
    const recording = record(
      'https://llm.example.com/v1/things',
      { method: 'POST', headers: { 'x-api-key': own }, body: '{"model":"m"}' },
      { body: JSON.stringify({ sent: encoded }) },
      { strict: true, onProblem: () => undefined },
    )
    await expect(recording).rejects.toMatchObject({ code: 'secret_left' })
    expect(readdirSync(folder)).toEqual([])
  })

  it('writes one that was scrubbed', async () => {
    const headers = { authorization: `Bearer ${secrets.openai}` }
    const text = await record(
      'https://a.example.com/',
      { headers },
      { body: `{"key":"${secrets.openai}"}` },
      { strict: true },
    )
    expect(text).toContain('[REDACTED')
  })
})

function plainText(pieces: readonly Uint8Array[]): Exchange {
  const exchange = someExchange(pieces)
  const { response } = exchange
  if (!response) throw new Error('some exchange has a response')
  return { ...exchange, response: { ...response, headers: [['content-type', 'text/plain']] } }
}

function idOn(text: string): string {
  return /"id": "([^"]+)"/.exec(text)?.[1] ?? ''
}

/** The text of a delta in whatever dialect. */
function textOf(event: string): string {
  const data = /^data: (.*)$/m.exec(event)?.[1]
  if (data === undefined) return ''
  const { choices, delta } = JSON.parse(data)
  const { content, tool_calls } = choices?.[0].delta ?? {}
  return content ?? tool_calls?.[0].function.arguments ?? delta.text ?? delta
}
