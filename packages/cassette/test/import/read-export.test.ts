import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type ExportEntry, readExport } from '../../src/import/read-export.ts'

const read = (file: string) => readExport(readFileSync(join(import.meta.dirname, 'exports', file), 'utf8'))
const calls = (entries: readonly ExportEntry[]) =>
  entries.flatMap((entry) => (entry.type === 'call' ? [entry.call] : []))
const refused = (entries: readonly ExportEntry[]) =>
  entries.flatMap((entry) => (entry.type === 'refused' ? [`${entry.name}: ${entry.reason}`] : []))

describe('an export of Langfuse', () => {
  it('is read as its API gives it', () => {
    const { source, entries } = read('langfuse-api.json')
    expect(source).toBe('langfuse')
    expect(calls(entries)).toEqual([
      {
        id: 'gen-text',
        model: 'gpt-4o-mini',
        conversation: {
          system: 'Answer with one word.',
          messages: [{ role: 'user', content: 'Is the sky blue?' }],
          temperature: 0.2,
          maxTokens: 100,
        },
        answer: { text: 'Yes', toolCalls: [] },
        usage: { input: 21, output: 1, cacheRead: 4 },
        startedAt: '2026-03-01T10:00:00.000Z',
        latencyMs: 1250,
        firstChunkMs: 300,
        category: 'facts',
      },
      {
        id: 'gen-tools',
        model: 'claude-sonnet-4-5',
        conversation: {
          system: 'You help with the weather.',
          messages: [
            { role: 'user', content: 'Weather in Paris?' },
            {
              role: 'assistant',
              content: '',
              toolCalls: [{ id: 't1', name: 'get_weather', arguments: { city: 'Paris' } }],
            },
            { role: 'tool', toolCallId: 't1', content: 'rainy' },
          ],
          tools: [{ name: 'get_weather', description: 'Now', parameters: { type: 'object' } }],
        },
        answer: { text: 'It is raining in Paris.', toolCalls: [] },
        usage: { input: 30, output: 8 },
        startedAt: '2026-03-01T10:05:00.000Z',
      },
    ])
  })

  it('says of each record that it passes over why', () => {
    expect(refused(read('langfuse-api.json').entries)).toEqual([
      'record 3 (span-1): it is a span, not a generation',
      'record 4 (gen-failed): the call failed: 429 Rate limit reached',
      'record 5 (gen-audio): its content has a part of the type "input_audio"',
    ])
  })

  it('is read as the blob storage export writes it, but for damaged lines', () => {
    const { source, entries } = read('langfuse-blob.jsonl')
    expect(source).toBe('langfuse')
    expect(calls(entries)).toMatchObject([
      {
        id: 'obs-1',
        model: 'gpt-4o',
        conversation: { messages: [{ content: 'Extract the city: I live in Bern.' }], temperature: 0 },
        // It is the answer, and no response of an API.
        answer: { text: '{"city": "Bern"}' },
        latencyMs: 2500,
        firstChunkMs: 750,
        startedAt: '2026-03-01T10:00:00.000Z',
      },
      {
        id: 'obs-2',
        conversation: { messages: [{ role: 'user', content: 'Say hi' }] },
        answer: { text: 'Hi!', finishReason: 'stop' },
        usage: { input: 5, cacheRead: 4, output: 2 },
      },
    ])
    expect(refused(entries)).toEqual(['line 3: it is not JSON', 'line 4 (obs-4): it names no model'])
  })
})

describe('an export of LangSmith', () => {
  it('is read from LangChain, from wrapped SDKs and from completion models', () => {
    const { source, entries } = read('langsmith.jsonl')
    expect(source).toBe('langsmith')
    expect(calls(entries)).toEqual([
      {
        id: 'run-lc',
        model: 'gpt-4o-mini',
        provider: 'openai',
        conversation: {
          system: 'Be brief.',
          messages: [{ role: 'user', content: 'Who is Ada?' }],
          tools: [{ name: 'lookup', description: 'Looks up', parameters: { type: 'object' } }],
          toolChoice: 'auto',
        },
        answer: {
          text: '',
          toolCalls: [{ id: 'call_1', name: 'lookup', arguments: { who: 'Ada' } }],
          finishReason: 'tool_calls',
        },
        usage: { input: 32, cacheRead: 8, output: 12 },
        startedAt: '2026-02-03T04:05:06.000Z',
        latencyMs: 2000,
        firstChunkMs: 400,
        category: 'lookup',
      },
      {
        id: 'run-wrapped',
        model: 'gpt-4o',
        conversation: { system: null, messages: [{ role: 'user', content: '2+2?' }], temperature: 0 },
        answer: { text: '4', toolCalls: [], finishReason: 'stop' },
        usage: { input: 10, output: 1 },
        startedAt: '2026-02-02T02:40:00.000Z',
        latencyMs: 1500,
      },
      {
        id: 'run-completion',
        model: 'gpt-3.5-turbo-instruct',
        conversation: { system: null, messages: [{ role: 'user', content: 'Once upon a time' }] },
        answer: { text: ' there was a fox.', toolCalls: [], finishReason: 'length' },
        usage: { input: 4, output: 5 },
        startedAt: '2026-02-03T04:06:06.000Z',
      },
    ])
    expect(refused(entries)).toEqual([
      'line 4 (run-chain): it is a chain run, not an llm run',
      "line 5 (run-error): the call failed: RateLimitError('429')",
    ])
  })
})

describe('an export of OpenTelemetry', () => {
  it('is read from messages on spans', () => {
    const { source, entries } = read('otel-messages.json')
    expect(source).toBe('otel')
    expect(calls(entries)).toEqual([
      {
        id: '00f067aa0ba902b7',
        model: 'gpt-4o',
        provider: 'openai',
        conversation: {
          system: 'You are a helpful bot',
          messages: [
            { role: 'user', content: 'Weather in Paris?' },
            {
              role: 'assistant',
              content: '',
              toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: { location: 'Paris' } }],
            },
            { role: 'tool', toolCallId: 'call_1', content: 'rainy, 57°F' },
          ],
          tools: [{ name: 'get_weather', parameters: { type: 'object' } }],
          temperature: 0.5,
        },
        answer: { text: 'The weather in Paris is rainy.', toolCalls: [], finishReason: 'stop' },
        usage: { input: 32, cacheRead: 20, output: 47 },
        startedAt: '2026-03-01T10:00:00.000Z',
        latencyMs: 1500,
        firstChunkMs: 250,
      },
    ])
    expect(refused(entries)).toEqual([
      'span 2 (00f067aa0ba902b8): its messages were not recorded',
      'span 3 (00f067aa0ba902b9): it is a execute_tool operation, no call of a model',
      'span 4 (00f067aa0ba902ba): it has no gen_ai attributes',
      'span 5 (00f067aa0ba902bb): the call failed: timeout',
    ])
  })

  it('is read from log records, with and without their span', () => {
    const { entries } = read('otel-events.jsonl')
    expect(refused(entries)).toEqual([])
    expect(calls(entries)).toMatchObject([
      {
        model: 'gpt-4',
        provider: 'openai',
        conversation: { system: 'Be kind.', messages: [{ role: 'user', content: 'Hello' }] },
        answer: { text: 'Hello, friend.', finishReason: 'stop' },
        latencyMs: 2000,
      },
      {
        model: 'gpt-4',
        conversation: { messages: [{ role: 'user', content: 'Tell me a joke' }] },
        answer: { text: 'No.', finishReason: 'stop' },
      },
    ])
  })

  it('is read from the indexed attributes of older instrumentations', () => {
    expect(calls(read('otel-indexed.json').entries)).toMatchObject([
      {
        model: 'gpt-4o-mini',
        conversation: {
          system: 'Be brief.',
          messages: [{ role: 'user', content: 'Weather in Oslo?' }],
          tools: [{ name: 'get_weather', parameters: { type: 'object' } }],
        },
        answer: {
          text: '',
          toolCalls: [{ id: 'call_9', name: 'get_weather', arguments: { city: 'Oslo' } }],
          finishReason: 'tool_calls',
        },
        usage: { input: 18, output: 7 },
      },
    ])
  })
})

describe('any other file', () => {
  it('is not taken for an export', () => {
    expect(readExport('[{"a": 1}, 2]')).toEqual({
      source: undefined,
      entries: [{ type: 'refused', name: 'record 2', reason: 'it is no JSON object' }],
    })
  })

  it('costs a record that is nested too deeply, and no other', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const line = (input: string) =>
      `{"type": "GENERATION", "traceId": "t", "model": "m", "input": ${input}, "output": "a"}`
    const { entries } = readExport(`${line(deep)}\n${line('"hi"')}`)
    expect(entries.map(({ type }) => type)).toEqual(['refused', 'call'])
  })

  it('never throws, whatever stands in it', () => {
    const key = fc.constantFrom(
      'input',
      'output',
      'messages',
      'role',
      'content',
      'parts',
      'type',
      'tool_calls',
      'choices',
      'attributes',
      'run_type',
      'inputs',
      'outputs',
      'kwargs',
      'usage',
      'generations',
    )
    const word = fc.constantFrom(
      'GENERATION',
      'user',
      'assistant',
      'tool',
      'text',
      'llm',
      'gen_ai.choice',
      '{"role":"user"}',
    )
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        word,
        fc.constant(null),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5 }),
      ),
    }))
    const record = fc.dictionary(key, value, { maxKeys: 8 })
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 3 }),
        fc.constantFrom('langfuse', 'langsmith', 'otel'),
        (records, source) => {
          expect(readExport(JSON.stringify(records), source).entries.length).toBeGreaterThanOrEqual(
            records.length,
          )
        },
      ),
    )
  })
})
