import type { Exchange } from '../../src/exchange.ts'
import type { Cassette, CassetteStore } from '../../src/store/cassette-store.ts'

const utf8 = new TextEncoder()
const JSON_TYPE: readonly (readonly [string, string])[] = [['content-type', 'application/json']]

export interface SampleCall {
  readonly id: string
  readonly prompt: string
  readonly answer: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly startedAt?: string
  readonly status?: number
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A call of gpt-4o-mini, answered as JSON after 900 ms. */
export function sampleCassette({
  id,
  prompt,
  answer,
  body,
  startedAt,
  status = 200,
  metadata = {},
}: SampleCall): Cassette {
  const messages = [
    { role: 'system', content: 'You help with orders.' },
    { role: 'user', content: prompt },
  ]
  const completion = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-4o-mini-2024-07-18',
    choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 },
  }
  const exchange: Exchange = {
    startedAt: startedAt ?? '2026-03-01T10:00:00.000Z',
    request: {
      method: 'POST',
      url: 'https://api.openai.com/v1/chat/completions',
      headers: JSON_TYPE,
      body: utf8.encode(JSON.stringify({ model: 'gpt-4o-mini', messages, ...body })),
    },
    response: { status, statusText: 'OK', headers: JSON_TYPE, url: '', isRedirected: false, atMs: 850 },
    chunks: [
      {
        bytes: utf8.encode(JSON.stringify(status === 200 ? completion : { error: { message: 'no' } })),
        atMs: 900,
      },
    ],
    end: { type: 'complete', atMs: 900 },
  }
  return { id, occurrence: 1, exchange, metadata }
}

/** Puts calls in a store. */
export async function fillStore(store: CassetteStore, calls: Iterable<SampleCall>): Promise<void> {
  for (const call of calls) await store.write(sampleCassette(call))
}

/** Prompts that only differ by their number; every tenth is answered otherwise by the fake provider. */
export function* sampleCalls(count: number): Generator<SampleCall> {
  for (let number = 1; number <= count; number++) {
    yield {
      id: `openai_gpt-4o-mini_${number.toString(16).padStart(16, '0')}`,
      prompt: `Where is order ${number}?`,
      answer: `Order ${number} is on its way.`,
      metadata: { category: number % 2 === 0 ? 'tracking' : 'returns' },
    }
  }
}
