import { describe, expect, it, onTestFinished } from 'vitest'

import { systemClock } from '../../src/clock.ts'
import { createComparators } from '../../src/compare/create-comparators.ts'
import { askJudge } from '../../src/migrate/ask-judge.ts'
import { costBudget } from '../../src/migrate/cost-budget.ts'
import { embedTexts } from '../../src/migrate/embed-texts.ts'
import { type KeptCalls, liveCalls, recordedCalls } from '../../src/migrate/kept-calls.ts'
import { listPricer } from '../../src/migrate/list-pricer.ts'
import { liveAnswers } from '../../src/migrate/live-answers.ts'
import { migrate } from '../../src/migrate/migrate.ts'
import { recordedAnswers } from '../../src/migrate/target-answers.ts'
import { LIST_PRICES } from '../../src/prices/list-prices.ts'
import { selectPrices } from '../../src/prices/price-list.ts'
import { anthropic } from '../../src/providers/anthropic.ts'
import { createCassetteWriter } from '../../src/record/cassette-writer.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { fillStore, sampleCalls } from './sample-corpus.ts'

/** Answers prompts as ever, judges by `sorry`, and embeds by length. */
async function sideProvider(): Promise<FakeProvider> {
  const provider = await startFakeProvider(({ path, body }, response) => {
    const text = JSON.stringify(body)
    const isJudge = text.includes('baseline_response')
    if (!isJudge && !path.endsWith('/embeddings')) return false
    const verdict = {
      equivalent: !text.includes('sorry'),
      score: text.includes('sorry') ? 0.1 : 0.9,
      reason: 'as seen',
    }
    const inputs = Array.isArray(body.input) ? body.input : []
    const data = inputs.map((input, index) => ({ index, embedding: [String(input).length, 7] }))
    const message = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'judge',
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: JSON.stringify(verdict) }],
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(isJudge ? message : { data }))
    return true
  })
  onTestFinished(() => provider.close())
  return provider
}

async function setUp(count: number) {
  const [store, provider] = [memoryStore(), await sideProvider()]
  await fillStore(store, sampleCalls(count))
  const ask = {
    store,
    writer: createCassetteWriter({ store, recordErrors: 'none', keepPartial: false }),
    fetch,
    clock: systemClock,
    random: () => 0,
  }
  const target = { model: 'claude-haiku-4-5', provider: anthropic, baseUrl: provider.baseUrl }
  const run = (calls: KeptCalls, more: object = {}) => {
    const access = { apiKey: () => undefined, baseUrl: provider.baseUrl }
    return migrate({
      store,
      corpusName: 'corpus',
      target: { model: target.model, provider: 'anthropic' },
      answers: liveAnswers({ ...ask, target }),
      comparators: createComparators('judge,embedding', {
        ask: askJudge(calls, access),
        embed: embedTexts(calls, access),
      }),
      generatedAt: '2026-03-02T08:00:00.000Z',
      ...more,
    })
  }
  return { store, provider, ask, target, run }
}

describe('judges and embeddings', () => {
  it('are asked once, and their words kept in the corpus', async () => {
    const { store, provider, ask, run } = await setUp(10)
    const first = await run(liveCalls(ask))
    expect(first.summary).toMatchObject([
      { comparator: 'judge', compared: 10, passed: 9, errors: 0 },
      { comparator: 'embedding', compared: 10, errors: 0 },
    ])
    const asked = provider.requests.length
    const answers = recordedAnswers(store, 'claude-haiku-4-5')
    const offline = await run(recordedCalls(store), { answers })
    expect(provider.requests).toHaveLength(asked)
    expect(offline.summary).toEqual(first.summary)
    expect(offline.rows.every(({ samples }) => samples[0]?.comparisons[0]?.isCached)).toBe(true)
    // They are no prompts of their own.
    expect(offline.rows).toHaveLength(10)
  })

  it('fail by themselves where nothing was recorded', async () => {
    const { store, run } = await setUp(1)
    const { rows, gate } = await run(recordedCalls(store))
    const comparisons = rows[0]?.samples[0]?.comparisons ?? []
    expect(comparisons.map(({ isError }) => isError)).toEqual([true, true])
    expect(comparisons[0]?.detail).toMatch(/^no answer is recorded \(judge__claude-opus-4-8__[0-9a-f]{32}\)/)
    expect(gate.passed).toBe(false)
  })
})

describe('costs', () => {
  const prices = () => listPricer(selectPrices(LIST_PRICES), 'list')

  it('are those of the tokens, and say which prices they are by', async () => {
    const { ask, run } = await setUp(2)
    const { rows, totals, pricing } = await run(liveCalls(ask), { pricing: [prices()], comparators: [] })
    // 20 tokens in and 10 out, at $0.15 and $0.60 a million.
    expect(rows[0]?.baseline?.costs).toEqual([{ amount: expect.closeTo(0.000009, 9), isPartial: false }])
    expect(totals.at(-1)).toMatchObject({
      metric: 'cost',
      pricing: 'list',
      currency: 'USD',
      prompts: 2,
      baseline: expect.closeTo(0.000018, 9),
    })
    expect(pricing).toMatchObject([
      {
        profile: 'list',
        asOf: 'latest',
        snapshots: [
          { name: 'openai', digest: expect.stringMatching(/^[0-9a-f]{12}$/) },
          { name: 'anthropic' },
        ],
        unknownModels: [],
      },
    ])
  })

  it('name models that have no price', () => {
    const pricer = prices()
    expect(pricer.cost('llama-9', { input: 1, output: 1 }, '2026-03-02')).toBeNull()
    expect(pricer.note()).toMatchObject({ snapshots: [], unknownModels: ['llama-9'] })
  })

  it('end the asking where they are as high as they may be', async () => {
    const { provider, ask, target, run } = await setUp(10)
    // An answer of the target costs 22 · $1 and 15 · $5 a million.
    const budget = costBudget(0.00025, target.model, prices())
    const { counts, rows } = await run(liveCalls(ask), {
      answers: liveAnswers({ ...ask, target, budget }),
      comparators: [],
      concurrency: 1,
    })
    expect(counts).toMatchObject({ compared: 3, skipped: 7 })
    expect(rows.at(-1)?.reason).toBe('the budget of 0.00025 USD is spent (--max-cost)')
    expect(provider.requests).toHaveLength(3)
  })
})
