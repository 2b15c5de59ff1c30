import { describe, expect, it, onTestFinished } from 'vitest'

import { type Clock, systemClock } from '../../src/clock.ts'
import type { Comparator } from '../../src/compare/comparator.ts'
import { liveAnswers, RefusedKeyError } from '../../src/migrate/live-answers.ts'
import { type MigrateOptions, migrate } from '../../src/migrate/migrate.ts'
import { recordedAnswers } from '../../src/migrate/target-answers.ts'
import { anthropic } from '../../src/providers/anthropic.ts'
import { openai } from '../../src/providers/openai.ts'
import { createCassetteWriter } from '../../src/record/cassette-writer.ts'
import type { CassetteStore } from '../../src/store/cassette-store.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { type FakeProvider, type Intervene, startFakeProvider } from './fake-provider.ts'
import { fillStore, type SampleCall, sampleCalls } from './sample-corpus.ts'

const KEY = 'sk-ant-test-0123456789abcdef0123456789abcdef'

const sameText: Comparator = {
  name: 'same',
  compare: ({ baseline, target }) => {
    const passed = baseline.text === target.text
    return { comparator: 'same', score: passed ? 1 : 0, passed, detail: '', isError: false }
  },
}

/** Waits take no time; what they would have taken is kept. */
function instantClock(): Clock & { readonly waited: number[] } {
  const waited: number[] = []
  return {
    ...systemClock,
    waited,
    setTimeout(callback, delayMs) {
      if (delayMs > 60_000) return systemClock.setTimeout(callback, delayMs)
      waited.push(delayMs)
      return systemClock.setTimeout(callback, 0)
    },
  }
}

async function fakeProvider(intervene?: Intervene): Promise<FakeProvider> {
  const provider = await startFakeProvider(intervene)
  onTestFinished(() => provider.close())
  return provider
}

async function corpusOf(calls: Iterable<SampleCall>): Promise<CassetteStore> {
  const store = memoryStore()
  await fillStore(store, calls)
  return store
}

function optionsOf(store: CassetteStore, more: Partial<MigrateOptions> = {}): MigrateOptions {
  return {
    store,
    corpusName: 'corpus',
    target: { model: 'claude-haiku-4-5', provider: 'anthropic' },
    answers: recordedAnswers(store, 'claude-haiku-4-5'),
    comparators: [sameText],
    generatedAt: '2026-03-02T08:00:00.000Z',
    ...more,
  }
}

function live(
  store: CassetteStore,
  { baseUrl }: FakeProvider,
  clock: Clock = instantClock(),
  signal?: AbortSignal,
) {
  return liveAnswers({
    store,
    writer: createCassetteWriter({ store, recordErrors: 'none', keepPartial: false }),
    target: { model: 'claude-haiku-4-5', provider: anthropic, apiKey: KEY, baseUrl },
    fetch,
    clock,
    random: () => 0,
    signal,
  })
}

describe('migrate', () => {
  it('asks the target once for each prompt, and never again', async () => {
    const provider = await fakeProvider()
    const store = await corpusOf(sampleCalls(30))
    const first = await migrate(optionsOf(store, { answers: live(store, provider) }))
    expect(provider.requests).toHaveLength(30)
    expect(first.counts).toEqual({ compared: 30, skipped: 0, errored: 0, cached: 0, live: 30 })
    expect(first.summary).toMatchObject([{ comparator: 'same', compared: 30, passed: 27, errors: 0 }])

    const second = await migrate(optionsOf(store, { answers: live(store, provider) }))
    expect(provider.requests).toHaveLength(30)
    expect(second.counts).toMatchObject({ compared: 30, cached: 30, live: 0 })
    expect(second.summary).toEqual(first.summary)

    const offline = await migrate(optionsOf(store))
    expect(offline).toEqual(second)
  })

  it('streams what it asks, with the key in the header of the provider only', async () => {
    const provider = await fakeProvider()
    const store = await corpusOf(sampleCalls(1))
    const { rows } = await migrate(optionsOf(store, { answers: live(store, provider) }))
    expect(provider.requests).toMatchObject([
      {
        path: '/v1/messages',
        headers: { 'x-api-key': KEY },
        body: {
          model: 'claude-haiku-4-5',
          stream: true,
          max_tokens: 4096,
          system: 'You help with orders.',
          messages: [{ role: 'user', content: 'Where is order 1?' }],
        },
      },
    ])
    expect(rows[0]?.samples[0]?.answer).toMatchObject({
      text: 'Order 1 is on its way.',
      model: 'claude-haiku-4-5',
      inputTokens: 22,
      outputTokens: 15,
      firstChunkMs: expect.any(Number),
    })
    expect(rows[0]?.baseline).toMatchObject({ latencyMs: 900, firstChunkMs: null, inputTokens: 20 })
  })

  it('keeps the answers as cassettes that say where they come from, without the key', async () => {
    const provider = await fakeProvider()
    const store = await corpusOf(sampleCalls(1))
    const { rows } = await migrate(optionsOf(store, { answers: live(store, provider) }))
    const id = 'migration__openai_gpt-4o-mini_0000000000000001__to__claude-haiku-4-5'
    const cassette = await store.read({ id, occurrence: 1 })
    expect(cassette?.metadata).toEqual({
      migrated_from: 'openai_gpt-4o-mini_0000000000000001',
      baseline_model: 'gpt-4o-mini-2024-07-18',
      semantic_key: rows[0]?.semanticKey,
      semantic_key_version: 2,
      category: 'returns',
    })
    expect(JSON.stringify(cassette)).not.toContain(KEY)
  })

  it('takes recordings of the same conversation as one prompt: the newest answer counts', async () => {
    const call = { prompt: 'Where is order 1?', answer: 'old' }
    const store = await corpusOf([
      { ...call, id: 'a', startedAt: '2026-01-01T00:00:00.000Z' },
      {
        ...call,
        id: 'b',
        answer: 'new',
        startedAt: '2026-02-01T00:00:00.000Z',
        body: { temperature: 0.3, model: 'gpt-4o' },
      },
      { ...call, id: 'c', startedAt: '2026-03-01T00:00:00.000Z', status: 500 },
      { ...call, id: 'migration__a__to__x', startedAt: '2026-04-01T00:00:00.000Z' },
      { ...call, id: 'judge__x', startedAt: '2026-04-01T00:00:00.000Z' },
    ])
    const { rows } = await migrate(optionsOf(store))
    expect(rows).toMatchObject([
      { baselineId: 'b', baseline: { text: 'new' }, notes: [expect.stringContaining('not looked at: a, c')] },
    ])
  })

  it('says of each prompt that is not compared why', async () => {
    const store = await corpusOf([
      { id: 'a', prompt: 'x', answer: 'x', status: 500 },
      { id: 'b', prompt: 'y', answer: 'y', body: { n: 2 } },
      { id: 'c', prompt: 'z', answer: 'z' },
    ])
    const { rows, counts, gate } = await migrate(optionsOf(store))
    expect(rows.map(({ reason }) => reason)).toEqual([
      'its recording has the status 500',
      expect.stringContaining('unsupported request: '),
      'its answer is not recorded; agent-stream migrate asks for it',
    ])
    expect(counts).toMatchObject({ compared: 0, skipped: 3 })
    expect(gate).toMatchObject({ passed: false, detail: 'nothing was compared' })
  })

  it('waits and asks again while the API is busy, as long as it is asked to', async () => {
    const provider = await fakeProvider((_, response, number) => {
      if (number > 3) return false
      response
        .writeHead([429, 529, 503][number - 1] as number, number === 2 ? { 'retry-after': '7' } : {})
        .end()
      return true
    })
    const store = await corpusOf(sampleCalls(1))
    const clock = instantClock()
    const { rows } = await migrate(optionsOf(store, { answers: live(store, provider, clock) }))
    expect(clock.waited).toEqual([1000, 7000, 4000])
    expect(rows).toMatchObject([
      {
        status: 'compared',
        notes: [
          'asked again after HTTP 429 (1 of 3)',
          'asked again after HTTP 529 (2 of 3)',
          'asked again after HTTP 503 (3 of 3)',
        ],
      },
    ])
  })

  it.each([
    [
      'is refused',
      400,
      { error: { message: 'bad' } },
      'the API answered with 400: {"error":{"message":"bad"}}',
      1,
    ],
    ['fails for good', 500, '', 'the API answered with 500 (after 4 tries)', 4],
  ])('keeps nothing of an answer that %s', async (_, status, body, reason, tries) => {
    const provider = await fakeProvider((_request, response) => {
      response.writeHead(status).end(body && JSON.stringify(body))
      return true
    })
    const store = await corpusOf(sampleCalls(1))
    const { rows, counts } = await migrate(optionsOf(store, { answers: live(store, provider) }))
    expect(rows).toMatchObject([{ status: 'errored', reason }])
    expect(provider.requests).toHaveLength(tries)
    expect(counts).toMatchObject({ errored: 1, compared: 0 })
    const id = 'migration__openai_gpt-4o-mini_0000000000000001__to__claude-haiku-4-5'
    expect(await store.occurrences(id)).toEqual([])
  })

  it('asks again when an answer breaks off, and does not take the half for the whole', async () => {
    const provider = await fakeProvider((_, response, number) => {
      if (number > 1) return false
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(
        'event: message_start\ndata: {"type":"message_start","message":{"id":"m","content":[]}}\n\n',
      )
      response.end()
      return true
    })
    const store = await corpusOf(sampleCalls(1))
    const { rows } = await migrate(optionsOf(store, { answers: live(store, provider) }))
    expect(rows).toMatchObject([
      { status: 'compared', notes: ['asked again after the answer broke off (1 of 3)'] },
    ])
  })

  it('does not wait for hours', async () => {
    const provider = await fakeProvider((_, response) => {
      response.writeHead(429, { 'retry-after': '7200' }).end()
      return true
    })
    const store = await corpusOf(sampleCalls(1))
    const { rows } = await migrate(optionsOf(store, { answers: live(store, provider) }))
    expect(rows[0]?.reason).toBe('the API answered with 429; it asks to wait for 7200 s')
  })

  it('stops at once when the key is refused', async () => {
    const provider = await fakeProvider((_, response) => {
      response.writeHead(401).end(JSON.stringify({ error: { message: `invalid x-api-key: ${KEY}` } }))
      return true
    })
    const store = await corpusOf(sampleCalls(50))
    const run = migrate(optionsOf(store, { answers: live(store, provider), concurrency: 2 }))
    await expect(run).rejects.toThrow(RefusedKeyError)
    await expect(run).rejects.not.toThrow(KEY)
    expect(provider.requests.length).toBeLessThanOrEqual(3)
  })

  it('ends with the reason of an abort, and keeps what has come', async () => {
    const stop = new AbortController()
    const provider = await fakeProvider((_request, _response, number) => {
      if (number === 11) stop.abort(new Error('enough'))
      return number >= 11
    })
    const store = await corpusOf(sampleCalls(30))
    const run = migrate(
      optionsOf(store, { answers: live(store, provider, instantClock(), stop.signal), concurrency: 1 }),
    )
    await expect(run).rejects.toThrow('enough')
    expect((await migrate(optionsOf(store))).counts).toMatchObject({ compared: 10, skipped: 20 })
  })

  it('gives up on a server that says nothing', async () => {
    const provider = await fakeProvider(() => true)
    const store = await corpusOf(sampleCalls(1))
    const clock: Clock = { ...instantClock(), setTimeout: (callback) => systemClock.setTimeout(callback, 20) }
    const { rows } = await migrate(optionsOf(store, { answers: live(store, provider, clock) }))
    expect(rows[0]?.reason).toBe('the connection failed: TimeoutError: no byte for 120 s (after 4 tries)')
  })

  it('asks for each sample, and continues with those that are missing', async () => {
    const provider = await fakeProvider()
    const store = await corpusOf(sampleCalls(2))
    await migrate(optionsOf(store, { answers: live(store, provider) }))
    const { rows, counts, summary } = await migrate(
      optionsOf(store, { answers: live(store, provider), samples: 3 }),
    )
    expect(provider.requests).toHaveLength(6)
    expect(rows.map(({ samples }) => samples.map(({ isCached }) => isCached))).toEqual([
      [true, false, false],
      [true, false, false],
    ])
    expect(counts).toMatchObject({ compared: 2, cached: 2, live: 4 })
    expect(summary).toMatchObject([{ compared: 2, passed: 2 }])
  })

  it('reports what a comparator that throws was, and goes on', async () => {
    const provider = await fakeProvider()
    const store = await corpusOf(sampleCalls(2))
    const broken: Comparator = {
      name: 'broken',
      compare() {
        throw new Error('no such field')
      },
    }
    const report = await migrate(
      optionsOf(store, { answers: live(store, provider), comparators: [broken, sameText] }),
    )
    expect(report.rows[0]?.samples[0]?.comparisons).toMatchObject([
      { comparator: 'broken', passed: null, isError: true, detail: 'no such field' },
      { comparator: 'same', passed: true },
    ])
    expect(report.summary[0]).toMatchObject({ errors: 2, compared: 0, passRate: null, meanScore: null })
    expect(report.gate.passed).toBe(false)
  })

  it('shows no secret of a corpus that has some', async () => {
    const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789'
    const store = await corpusOf([{ id: 'a', prompt: `My key is ${secret}`, answer: `Yours: ${secret}` }])
    expect(JSON.stringify(await migrate(optionsOf(store)))).not.toContain(secret)
  })

  it('asks OpenAI as well', async () => {
    const provider = await fakeProvider()
    const store = await corpusOf(sampleCalls(1))
    const answers = liveAnswers({
      store,
      writer: createCassetteWriter({ store }),
      target: { model: 'gpt-5', provider: openai, baseUrl: provider.baseUrl },
      fetch,
      clock: systemClock,
      random: () => 0,
    })
    const { rows } = await migrate(
      optionsOf(store, { answers, target: { model: 'gpt-5', provider: 'openai' } }),
    )
    expect(provider.requests[0]?.path).toBe('/v1/chat/completions')
    expect(rows[0]?.samples[0]?.answer).toMatchObject({ text: 'Order 1 is on its way.', outputTokens: 14 })
  })

  it('looks only at the recordings that are asked for', async () => {
    const store = await corpusOf(sampleCalls(30))
    const { rows } = await migrate(optionsOf(store, { filter: '_000000000000001', limit: 3 }))
    expect(rows.map(({ baselineId }) => baselineId.slice(-3))).toEqual(['010', '011', '012'])
  })
})
