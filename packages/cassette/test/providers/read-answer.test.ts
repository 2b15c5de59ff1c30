import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/providers/providers.ts'
import { decodeJson, decodeStream } from '../../src/providers/read-answer.ts'
import { payloadsOf, recordedStream, recordedStreams, STREAM_FOLDERS } from './recorded-stream.ts'

const { openai, 'openai-responses': responses, anthropic, gemini } = PROVIDERS
const bytes = (text: string) => [new TextEncoder().encode(text)]
const sse = (...payloads: unknown[]) =>
  bytes(payloads.map((payload) => `data: ${JSON.stringify(payload)}\n\n`).join(''))

// biome-ignore lint/suspicious/noExplicitAny: the oracle reads whatever the wire has, by its documented names.
type Payload = any

/** What each wire's messages say, read by nothing but their documented fields. */
const ORACLES: Readonly<
  Record<string, (payloads: Payload[]) => { text: string; output: number | undefined }>
> = {
  'openai-chat': (payloads) => ({
    text: payloads
      .flatMap(({ choices = [] }) => choices)
      .map((choice: Payload) => (choice.index ? '' : (choice.delta?.content ?? '')))
      .join(''),
    output: payloads.findLast(({ usage }) => usage)?.usage.completion_tokens,
  }),
  'openai-responses': (payloads) => ({
    text: payloads
      .filter(({ type }) => type === 'response.output_text.delta')
      .map(({ delta }) => delta)
      .join(''),
    output: payloads.findLast(({ response }) => response?.usage)?.response.usage.output_tokens,
  }),
  'anthropic-messages': (payloads) => ({
    text: payloads
      .flatMap(({ delta, content_block }) => [content_block?.text, delta?.text])
      .filter(Boolean)
      .join(''),
    output: payloads.findLast(({ type }) => type === 'message_delta')?.usage.output_tokens,
  }),
}

const ERRORS: Readonly<Record<string, RegExp>> = {
  'groq-error-event-midstream.sse': /invalid_request_error: Tool call validation failed/,
  'openrouter-error-chunk-with-comments.sse': /400: Token limit reached/,
  'error-event-insufficient-quota.sse': /insufficient_quota: You exceeded/,
  'overloaded-error-midstream.sse': /overloaded_error: Overloaded/,
}

describe.each(Object.entries(STREAM_FOLDERS))('decodeStream of real %s streams', (folder, name) => {
  const provider = PROVIDERS[name]

  it.each(recordedStreams(folder))('reads %s as its messages say, however it is cut', (file) => {
    const stream = recordedStream(folder, file)
    const error = ERRORS[file]
    if (error) {
      expect(() => decodeStream(provider, [stream])).toThrow(error)
      return
    }
    const decoded = decodeStream(provider, [stream])
    const { text, output } = (ORACLES[folder] as (typeof ORACLES)[string])(payloadsOf(stream) as Payload[])
    expect(decoded.text).toBe(text)
    expect(decoded.usage?.output).toBe(output)
    const cut = [stream.subarray(0, 777), stream.subarray(777, 778), stream.subarray(778)]
    expect(decodeStream(provider, cut)).toEqual(decoded)
  })
})

describe('decodeStream', () => {
  it('reads parallel tool calls', () => {
    const { toolCalls, finishReason } = decodeStream(openai, [
      recordedStream('openai-chat', 'openai-parallel-tools-structured.sse'),
    ])
    expect(toolCalls.map((call) => [call.name, call.arguments])).toEqual([
      ['GetWeatherArgs', { city: 'Edinburgh', country: 'GB', units: 'c' }],
      ['get_stock_price', { ticker: 'AAPL', exchange: 'NASDAQ' }],
    ])
    expect(finishReason).toBe('tool_calls')
  })

  it('keeps a refusal and thoughts apart from the text', () => {
    const refused = decodeStream(openai, [recordedStream('openai-chat', 'openai-refusal.sse')])
    expect(refused).toMatchObject({ text: '', refusal: "I'm sorry, I can't assist with that request." })
    const thoughtful = decodeStream(responses, [
      recordedStream('openai-responses', 'reasoning-summary-676.sse'),
    ])
    expect(thoughtful.thinking).toMatch(/^\*\*/)
    expect(thoughtful.usage).toEqual({ input: 13, cacheRead: 0, output: 1680, reasoning: 1408 })
  })

  it('says that an answer was cut off, by its limit or with its stream', () => {
    const limited = recordedStream('anthropic-messages', 'truncated-tool-json-max-tokens-padded.sse')
    expect(decodeStream(anthropic, [limited])).toMatchObject({
      finishReason: 'max_tokens',
      isTruncated: true,
    })
    const whole = recordedStream('anthropic-messages', 'emoji-text.sse')
    expect(decodeStream(anthropic, [whole]).isTruncated).toBe(false)
    expect(decodeStream(anthropic, [whole.subarray(0, whole.length / 2)])).toMatchObject({
      finishReason: null,
      isTruncated: true,
    })
  })

  it("leaves out what ran, or was to run, on the provider's servers", () => {
    const searched = recordedStream('anthropic-messages', 'pause-turn-thinking-web-search.sse')
    expect(decodeStream(anthropic, [searched])).toMatchObject({ toolCalls: [], finishReason: 'pause_turn' })
  })

  it('takes the first of several choices', () => {
    const stream = recordedStream('openai-chat', 'openai-multi-choice-n2.sse')
    expect(decodeStream(openai, [stream]).text).toMatch(/^I'm unable to provide real-time weather updates/)
  })

  it('refuses what is no answer of the wire, and never throws anything else', () => {
    expect(() => decodeStream(openai, bytes('data: {"hello": 1}\n\n'))).toThrow(/no answer of openai/)
    expect(() => decodeStream(anthropic, [])).toThrow(/no answer of anthropic/)
    const value = fc.oneof(fc.string(), fc.json(), fc.constantFrom('data: {"choices":[{}]}', 'data: [DONE]'))
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(PROVIDERS)), fc.array(value), (provider, lines) => {
        try {
          decodeStream(provider, bytes(lines.map((line) => `data: ${line}\n\n`).join('')))
        } catch (error) {
          expect(error).toHaveProperty('name', 'DecodeError')
        }
      }),
    )
  })
})

describe('decodeJson', () => {
  it('reads a chat completion', () => {
    const body = {
      object: 'chat.completion',
      model: 'gpt-5-mini-2025-08-07',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":2}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 100,
        completion_tokens: 30,
        total_tokens: 130,
        prompt_tokens_details: { cached_tokens: 64 },
        completion_tokens_details: { reasoning_tokens: 20 },
      },
    }
    expect(decodeJson(openai, JSON.stringify(body))).toEqual({
      provider: 'openai',
      model: 'gpt-5-mini-2025-08-07',
      text: '',
      toolCalls: [{ id: 'call_1', name: 'add', arguments: { a: 2 } }],
      usage: { input: 36, cacheRead: 64, output: 30, reasoning: 20 },
      finishReason: 'tool_calls',
      isStreamed: false,
      isTruncated: false,
    })
  })

  it('takes a body that does not say why it ends for whole', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 }
    const body = { model: 'm', choices: [{ message: { content: 'hi' }, finish_reason: null }], usage }
    expect(decodeJson(openai, JSON.stringify(body))).toMatchObject({
      model: 'm',
      text: 'hi',
      usage: { input: 1, output: 2 },
      isTruncated: false,
    })
    const candidate = {
      candidates: [{ content: { parts: [{ text: 'hi' }] } }],
      usageMetadata: { promptTokenCount: 3 },
    }
    expect(decodeJson(gemini, JSON.stringify(candidate))).toMatchObject({
      usage: { input: 3 },
      isTruncated: false,
    })
  })

  it('counts reasoning that is not among the completion tokens', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 27,
      completion_tokens_details: { reasoning_tokens: 12 },
    }
    const body = { choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }], usage }
    expect(decodeJson(openai, JSON.stringify(body)).usage).toEqual({ input: 10, output: 17, reasoning: 12 })
  })

  it('reads a response of Responses', () => {
    const body = {
      object: 'response',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      model: 'gpt-5',
      output: [
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Half an' }],
        },
      ],
      usage: { input_tokens: 9, output_tokens: 16, input_tokens_details: { cached_tokens: 0 } },
    }
    expect(decodeJson(responses, JSON.stringify(body))).toMatchObject({
      text: 'Half an',
      thinking: 'Hm.',
      isTruncated: true,
      usage: { input: 9, cacheRead: 0, output: 16 },
    })
  })

  it('reads an Anthropic message', () => {
    const body = {
      type: 'message',
      role: 'assistant',
      id: 'msg_1',
      model: 'claude-haiku-4-5',
      content: [
        { type: 'thinking', thinking: 'Easy.', signature: 'x' },
        { type: 'text', text: 'Adding.' },
        { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 2 } },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 4,
        cache_read_input_tokens: 1163,
        cache_creation_input_tokens: 7,
        output_tokens: 20,
      },
    }
    expect(decodeJson(anthropic, JSON.stringify(body))).toEqual({
      provider: 'anthropic',
      model: 'claude-haiku-4-5',
      text: 'Adding.',
      thinking: 'Easy.',
      toolCalls: [{ id: 'toolu_1', name: 'add', arguments: { a: 2 } }],
      usage: { input: 4, cacheRead: 1163, cacheWrite: 7, output: 20 },
      finishReason: 'tool_use',
      isStreamed: false,
      isTruncated: false,
    })
  })

  const geminiChunk = (parts: unknown[], rest = {}) => ({
    candidates: [{ content: { role: 'model', parts }, ...rest }],
    modelVersion: 'gemini-2.5-flash',
    responseId: 'r1',
  })
  const usageMetadata = {
    promptTokenCount: 50,
    cachedContentTokenCount: 20,
    candidatesTokenCount: 7,
    thoughtsTokenCount: 11,
    totalTokenCount: 68,
  }

  it('reads a Gemini response, streamed in either way or not', () => {
    const first = geminiChunk([{ text: 'Let me see.', thought: true }, { text: 'I call ' }])
    const last = {
      ...geminiChunk([{ text: 'it.' }, { functionCall: { name: 'add', args: { a: 2 } } }], {
        finishReason: 'STOP',
      }),
      usageMetadata,
    }
    const expected = {
      provider: 'gemini',
      model: 'gemini-2.5-flash',
      text: 'I call it.',
      thinking: 'Let me see.',
      toolCalls: [{ id: 'call_0', name: 'add', arguments: { a: 2 } }],
      usage: { input: 30, cacheRead: 20, output: 18, reasoning: 11 },
      finishReason: 'tool_calls',
      isTruncated: false,
    }
    const parts = [
      ...(first.candidates[0]?.content.parts ?? []),
      ...(last.candidates[0]?.content.parts ?? []),
    ]
    const whole = { ...geminiChunk(parts, { finishReason: 'STOP' }), usageMetadata }
    expect(decodeStream(gemini, sse(first, last))).toEqual({ ...expected, isStreamed: true })
    expect(decodeJson(gemini, JSON.stringify([first, last]))).toEqual({ ...expected, isStreamed: false })
    expect(decodeJson(gemini, JSON.stringify(whole))).toEqual({ ...expected, isStreamed: false })
  })

  it('reads why Gemini refused a prompt, or stopped', () => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata, modelVersion: 'g' }
    expect(decodeJson(gemini, JSON.stringify(blocked))).toMatchObject({ text: '', finishReason: 'SAFETY' })
    const cut = geminiChunk([{ text: 'Once' }], { finishReason: 'MAX_TOKENS' })
    expect(decodeJson(gemini, JSON.stringify(cut)).isTruncated).toBe(true)
  })

  it.each([
    [
      '{"error": {"type": "invalid_request_error", "message": "no such model"}}',
      /invalid_request_error: no such model/,
    ],
    [
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      /overloaded_error: Overloaded/,
    ],
    ['{"error": "plain"}', /is an error: plain/],
    ['<html>', /no JSON object/],
    ['{}', /no answer of/],
    ['{"data": []}', /no answer of/],
  ])('refuses %s', (body, message) => {
    for (const provider of Object.values(PROVIDERS)) expect(() => decodeJson(provider, body)).toThrow(message)
  })
})
