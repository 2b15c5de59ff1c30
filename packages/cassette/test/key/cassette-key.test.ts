import { describe, expect, it } from 'vitest'

import { type CapturedRequest, type KeyOptions, keyFields, keyOfRequest } from '../../src/index.ts'
import { someRequest } from '../support/exchanges.ts'

const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], metadata: { request_id: 'a' } }
const withBody = (value: unknown): CapturedRequest =>
  someRequest({ body: Buffer.from(JSON.stringify(value)) })
const at = (url: string): CapturedRequest => ({ ...withBody(body), url })
const idOf = async (request: CapturedRequest, options?: KeyOptions) =>
  (await keyOfRequest(request, options)).id

describe('the key of a request', () => {
  it('names the provider and the model', async () => {
    expect(await idOf(withBody(body))).toMatch(/^openai_gpt-4o_[0-9a-f]{16}$/)
    expect((await keyOfRequest(withBody(body))).key).toMatchObject({
      version: 2,
      provider: 'openai',
      model: 'gpt-4o',
    })
  })

  it.each([
    ['the order of keys', withBody({ metadata: body.metadata, messages: body.messages, model: body.model })],
    ['spaces', someRequest({ body: Buffer.from(JSON.stringify(body, null, 2)) })],
    ['"stream": false', withBody({ ...body, stream: false })],
    ['the headers', { ...withBody(body), headers: [['x-stainless-retry-count', '1']] as const }],
    [
      'the host of a local server, that speaks for the provider',
      at('http://127.0.0.1:4000/v1/chat/completions'),
    ],
    ['another local one', at('http://gateway:80/v1/chat/completions')],
    ['the order of the query', at('https://api.openai.com/v1/chat/completions')],
  ])('does not depend on %s', async (_, request) => {
    expect(await idOf(request)).toBe(await idOf(withBody(body)))
  })

  it.each([
    ['the model', withBody({ ...body, model: 'gpt-4o-mini' })],
    ['the text', withBody({ ...body, messages: [{ role: 'user', content: 'hi' }] })],
    ['what it is streamed', withBody({ ...body, stream: true })],
    ['a sampling parameter', withBody({ ...body, temperature: 0 })],
    ['a number beyond what JavaScript can tell', withBody({ ...body, seed: 1 })],
    ['the path', at('https://api.openai.com/v1/responses')],
    ['the query', at('https://api.openai.com/v1/chat/completions?api-version=2024-10-21')],
    ['the provider', at('https://api.groq.com/openai/v1/chat/completions')],
    ['the method', { ...withBody(body), method: 'PUT' }],
  ])('depends on %s', async (_, request) => {
    expect(await idOf(request)).not.toBe(await idOf(withBody(body)))
  })

  it('does not depend on the address of a local server whose wire nobody knows', async () => {
    const ids = ['http://127.0.0.1:4000/v1/files', 'http://localhost/v1/files', 'http://[::1]:80/v1/files']
    expect(new Set(await Promise.all(ids.map((url) => idOf(at(url)))))).toHaveProperty('size', 1)
    expect(await idOf(at('https://files.example.com/v1/files'))).not.toBe(await idOf(at(ids[0] as string)))
  })

  it('tells integers of 20 digits apart', async () => {
    const seeded = (seed: string) => someRequest({ body: Buffer.from(`{"seed":${seed}}`) })
    expect(await idOf(seeded('12345678901234567890'))).not.toBe(await idOf(seeded('12345678901234567891')))
  })

  it('takes a query in any order, and without its secrets', async () => {
    const url =
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent'
    const [a, b] = [at(`${url}?alt=sse&key=AIzaOne`), at(`${url}?key=AIzaTwo&alt=sse`)]
    expect(await idOf(a)).toBe(await idOf(b))
    expect(await keyFields(a)).toMatchObject({ provider: 'gemini', model: 'gpt-4o', stream: true })
  })

  it('has the model of a path', async () => {
    const gemini = {
      ...at('https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent'),
      body: Buffer.from('{"contents":[]}'),
    }
    expect(await idOf(gemini)).toMatch(/^gemini_gemini-2\.5-flash_/)
    const azure = {
      ...at('https://x.openai.azure.com/openai/deployments/my-gpt/chat/completions'),
      body: Buffer.from('{"messages":[]}'),
    }
    expect(await idOf(azure)).toMatch(/^openai_my-gpt_/)
  })

  it('leaves out what is to be ignored', async () => {
    const other = {
      ...withBody({ ...body, metadata: { request_id: 'b' } }),
      url: 'https://api.openai.com/v1/chat/completions?trace=1',
    }
    const ignore = ['body.metadata.request_id', 'query.trace']
    expect(await idOf(other, { ignore })).toBe(await idOf(withBody(body), { ignore }))
    const ids = (id: string) =>
      withBody({
        input: [
          { id, text: 'a' },
          { id, text: 'b' },
        ],
      })
    const each = { ignore: ['body.input[*].id'] }
    expect(await idOf(ids('1'), each)).toBe(await idOf(ids('2'), each))
    expect(await idOf(ids('1'))).not.toBe(await idOf(ids('2')))
    const path = { ignore: ['path', 'method'] }
    expect(await idOf({ ...at('https://api.openai.com/v2/x'), method: 'PUT' }, path)).toBe(
      await idOf(withBody(body), path),
    )
  })

  it('has the headers that are asked for', async () => {
    const beta = (value: string) => ({ ...withBody(body), headers: [['Anthropic-Beta', value]] as const })
    const headers = ['anthropic-beta']
    expect(await idOf(beta('a'))).toBe(await idOf(beta('b')))
    expect(await idOf(beta('a'), { headers })).not.toBe(await idOf(beta('b'), { headers }))
    expect(await idOf(beta('a'), { headers, ignore: ['header.anthropic-beta'] })).toBe(await idOf(beta('b')))
  })

  it.each(['', 'body', 'metadata.id', 'query.'])('refuses a path that is none: "%s"', async (path) => {
    await expect(idOf(withBody(body), { ignore: [path] })).rejects.toThrow(
      `A path to ignore is "${path}"; expected`,
    )
  })

  it('copes with what is no JSON, or too deep', async () => {
    const deep = Buffer.from(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
    const bodies = ['', 'text', '{"a":', '\xff\xfe', deep].map((each) =>
      someRequest({ body: Buffer.from(each as string, 'latin1') }),
    )
    const ids = await Promise.all(bodies.map((request) => idOf(request)))
    expect(new Set(ids).size).toBe(bodies.length)
  })
})
