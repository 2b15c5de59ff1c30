import { describe, expect, it } from 'vitest'
import { describeRequest } from '../../src/providers/describe-request.ts'
import { providerOfModel } from '../../src/providers/models.ts'
import {
  providerForHost,
  providerForModel,
  providerForRequest,
  providerNamed,
} from '../../src/providers/providers.ts'

const messages = [{ role: 'user', content: 'Hi' }]
const post = (url: string, body: unknown = {}) =>
  describeRequest({ method: 'POST', url, body: JSON.stringify(body) })

describe('describeRequest', () => {
  it.each([
    ['https://api.openai.com/v1/chat/completions', 'openai'],
    ['https://me.openai.azure.com/openai/deployments/d/chat/completions?api-version=1', 'openai'],
    ['https://openrouter.ai/api/v1/chat/completions', 'openai'],
    ['http://127.0.0.1:11434/v1/chat/completions/', 'openai'],
    ['https://api.mistral.ai/v1/chat/completions', 'mistral'],
    ['https://api.openai.com/v1/responses', 'openai-responses'],
    ['https://api.openai.com/v1/responses/resp_1?stream=true&starting_after=3', 'openai-responses'],
    ['https://api.anthropic.com/v1/messages', 'anthropic'],
    ['http://localhost:4000/anthropic/v1/messages', 'anthropic'],
    [
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key=x',
      'gemini',
    ],
    ['https://aiplatform.googleapis.com/v1/projects/p/models/gemini:streamGenerateContent?alt=sse', 'gemini'],
    ['https://api.openai.com/v1/embeddings', null],
    ['https://api.openai.com/v1/threads/thread_1/messages', null],
    ['https://api.anthropic.com/v1/messages/count_tokens', null],
    ['not a url', null],
  ])('tells by its address whose wire %s is', (url, wire) => {
    expect(post(url).wire).toBe(wire)
  })

  it.each([
    [{ messages, anthropic_version: 'bedrock-2023-05-31', max_tokens: 9 }, 'anthropic'],
    [{ messages, system: 'x' }, 'anthropic'],
    [{ messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] }, 'anthropic'],
    [{ messages, tools: [{ name: 'f', input_schema: {} }] }, 'anthropic'],
    [{ messages }, 'openai'],
    [{ contents: [] }, 'gemini'],
    [{ input: [{ role: 'user', content: 'x' }] }, 'openai-responses'],
    [{ input: 'embed me' }, null],
    [['messages'], null],
  ])('tells by the body where the address says nothing: %j', (body, wire) => {
    expect(post('https://gateway.example/llm', body).wire).toBe(wire)
  })

  it('finds the model where it is', () => {
    expect(post('https://x/v1/chat/completions', { model: 'gpt-4o' }).model).toBe('gpt-4o')
    expect(post('https://x/v1beta/models/gemini-2.5-flash:generateContent').model).toBe('gemini-2.5-flash')
    expect(post('https://x/openai/deployments/my%20gpt/chat/completions').model).toBe('my gpt')
    expect(post('https://bedrock/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke').model).toBe(
      'anthropic.claude-3-haiku-20240307-v1:0',
    )
    expect(post('https://x/v1/chat/completions').model).toBeNull()
  })

  it('tells whether the answer is streamed', () => {
    expect(post('https://x/v1/messages', { stream: true }).isStreaming).toBe(true)
    expect(post('https://x/v1/messages', { stream: false }).isStreaming).toBe(false)
    expect(post('https://x/v1beta/models/g:streamGenerateContent').isStreaming).toBe(true)
    expect(post('https://bedrock/model/m/invoke-with-response-stream').isStreaming).toBe(true)
    expect(post('https://x/v1/responses/r?stream=true').isStreaming).toBe(true)
  })

  it('takes bytes, and what is no JSON', () => {
    const bytes = new TextEncoder().encode('{"model":"m","messages":[]}')
    expect(describeRequest({ method: 'POST', url: 'https://x/', body: bytes })).toMatchObject({
      wire: 'openai',
      model: 'm',
    })
    expect(describeRequest({ method: 'POST', url: 'https://x/', body: '{' })).toEqual({
      wire: null,
      model: null,
      isStreaming: false,
      body: undefined,
    })
  })
})

describe('providers', () => {
  it.each([
    ['gpt-5', 'openai'],
    ['o3', 'openai'],
    ['chatgpt-4o-latest', 'openai'],
    ['ft:gpt-4o:acme', 'openai'],
    ['claude-haiku-4-5', 'anthropic'],
    ['us.anthropic.claude-3-haiku-20240307-v1:0', 'anthropic'],
    ['models/gemini-2.5-flash', 'gemini'],
    ['open-mixtral-8x7b', 'mistral'],
    ['magistral-medium-latest', 'mistral'],
    ['llama3.2', null],
    ['ollama', null],
  ])('are told by the model %s', (model, name) => {
    expect(providerOfModel(model)).toBe(name)
    expect(providerForModel(model)?.name ?? null).toBe(name)
  })

  it('are told by name, host and request', () => {
    expect(providerNamed('gemini').name).toBe('gemini')
    expect(() => providerNamed('constructor')).toThrow(/no provider "constructor": give one of openai, /)
    expect(providerForHost('API.Anthropic.com')?.name).toBe('anthropic')
    expect(providerForHost('example.com')).toBeNull()
    expect(providerForRequest({ method: 'POST', url: 'http://h/v1/messages', body: '' })?.name).toBe(
      'anthropic',
    )
    expect(providerForRequest({ method: 'GET', url: 'http://h/', body: '' })).toBeNull()
  })
})
