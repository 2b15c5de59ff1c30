import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { semanticKey } from '../../src/conversation/semantic-key.ts'
import { semanticKeyV1 } from '../../src/conversation/semantic-key-v1.ts'

const { cases } = JSON.parse(
  readFileSync(new URL('../../../../spec/vectors/cassette/semantic-keys.json', import.meta.url), 'utf8'),
) as { cases: { name: string; method: string; url: string; body: string; key: string }[] }

describe('semanticKeyV1', () => {
  it.each(cases)('gives what agentrec gives: $name', ({ key, ...request }) => {
    expect(semanticKeyV1(request)).toBe(key)
    expect(semanticKeyV1({ ...request, body: new TextEncoder().encode(request.body) })).toBe(key)
  })
})

describe('semanticKey', () => {
  const post = (url: string, body: unknown) => ({ method: 'POST', url, body: JSON.stringify(body) })
  const messages = [{ role: 'user', content: 'What is it?' }]
  const chat = (body = {}) =>
    post('https://api.openai.com/v1/chat/completions', { model: 'gpt-4o', messages, ...body })

  it.each(cases.filter(({ name }) => /^(text|a system|two system|requires one)/.test(name)))(
    'is that of version 1 for text and tools: $name',
    ({ key, ...request }) => {
      expect(semanticKey(request)).toBe(key)
    },
  )

  it('is one for each wire and server that a conversation is asked on', () => {
    const keys = [
      chat(),
      chat({ model: 'gpt-5', stream: true, temperature: 0.1 }),
      post('http://127.0.0.1:11434/v1/chat/completions', { model: 'llama', messages }),
      post('https://openrouter.ai/api/v1/chat/completions', { model: 'openai/gpt-5', messages }),
      post('https://api.openai.com/v1/responses', { model: 'gpt-5', input: 'What is it?' }),
      post('https://api.openai.com/v1/responses', {
        input: [{ role: 'user', content: [{ type: 'input_text', text: 'What is it?' }] }],
      }),
      post('https://api.anthropic.com/v1/messages', { max_tokens: 1, messages }),
      post('https://generativelanguage.googleapis.com/v1beta/models/g:generateContent', {
        contents: [{ parts: [{ text: 'What is it?' }] }],
      }),
    ].map(semanticKey)
    expect(new Set(keys).size).toBe(1)
  })

  it('is another for what changes the question', () => {
    const image = (url: string) => [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url } },
        ],
      },
    ]
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }]
    const keys = [
      chat(),
      chat({ messages: [{ role: 'system', content: 'Be brief.' }, ...messages] }),
      chat({ messages: image('https://x/1.png') }),
      chat({ messages: image('https://x/2.png') }),
      chat({ tools }),
      chat({ tools, tool_choice: 'required' }),
      chat({ n: 2 }),
    ].map(semanticKey)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('compares by method, path and body what asks no model', () => {
    const embed = (body: unknown) => semanticKey(post('https://api.openai.com/v1/embeddings', body))
    expect(embed({ model: 'a', input: 'x' })).toBe(embed({ input: 'x', model: 'b', user: 'me' }))
    expect(embed({ input: 'x' })).not.toBe(embed({ input: 'y' }))
    expect(semanticKey({ method: 'GET', url: 'not a url', body: '' })).toMatch(/^[0-9a-f]{32}$/)
  })
})
