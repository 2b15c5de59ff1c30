import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  costOf,
  LIST_PRICES,
  type PriceSnapshot,
  parsePriceSnapshot,
  profileNames,
  readPriceFolder,
  selectPrices,
  withOwnPrices,
} from '../../src/prices/index.ts'

const snapshot = (asOf: string, input: number, rest: Partial<PriceSnapshot> = {}): PriceSnapshot => ({
  profile: 'acme',
  asOf,
  currency: 'USD',
  models: [{ match: ['m', 'm-*'], rates: { input, output: 2 * input } }],
  ...rest,
})

describe('LIST_PRICES', () => {
  it.each(LIST_PRICES.map((each) => [each.profile, each] as const))('of %s is well formed', (_, each) => {
    expect(parsePriceSnapshot(JSON.parse(JSON.stringify(each)), each.profile)).toEqual(each)
    expect(each.source).toMatch(/^https:/)
    for (const { rates } of each.models) {
      expect(rates.output).toBeGreaterThanOrEqual(rates.input ?? Number.POSITIVE_INFINITY)
      expect(rates.cacheRead ?? 0).toBeLessThan(rates.input ?? 0)
    }
  })

  const prices = selectPrices(LIST_PRICES)

  it.each([
    ['gpt-4o', 2.5],
    ['gpt-4o-2024-08-06', 2.5],
    ['gpt-4o-2024-05-13', 5],
    ['gpt-4o-mini-2024-07-18', 0.15],
    ['gpt-5', 1.25],
    ['gpt-5-2025-08-07', 1.25],
    ['gpt-5-mini-2025-08-07', 0.25],
    ['gpt-5.1-codex-mini', 0.25],
    ['openai/gpt-5', 1.25],
    ['o3-mini-2025-01-31', 1.1],
    ['o3', 2],
    ['claude-sonnet-4-20250514', 3],
    ['claude-haiku-4-5-20251001', 1],
    ['anthropic/claude-3-haiku-20240307', 0.25],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 5],
    ['claude-opus-4-1-20250805', 15],
    ['gemini-2.5-flash', 0.3],
    ['models/gemini-2.5-flash-lite', 0.1],
    ['mistral-small-latest', 0.1],
    ['deepseek-chat', 0.28],
  ])('knows %s', (model, input) => {
    expect(prices.find(model)?.price.rates.input).toBe(input)
  })

  it.each(['llama3', 'gpt-6', 'claude-opus-9', 'deepseek-v4-flash', '', 'gpt-4o-audio-preview'])(
    'says that it does not know %j',
    (model) => {
      expect(prices.find(model)).toBeNull()
    },
  )
})

describe('selectPrices', () => {
  const table = [snapshot('2026-03-01', 3), snapshot('2025-01-01', 1), snapshot('2026-01-01', 2)]
  const inputOn = (asOf: string, recordedAt?: string) =>
    selectPrices(table, 'acme', asOf).find('m', recordedAt)?.price.rates.input

  it('takes the prices of the day that is asked for', () => {
    expect(inputOn('latest')).toBe(3)
    expect(inputOn('2026-02-28')).toBe(2)
    expect(inputOn('2026-03-01')).toBe(3)
    expect(inputOn('2020-01-01')).toBe(1)
  })

  it('takes those of the day of the recording', () => {
    expect(inputOn('recorded', '2025-12-31T23:59:59.000Z')).toBe(1)
    expect(inputOn('recorded', '2026-03-05T00:00:00+00:00')).toBe(3)
    expect(inputOn('recorded')).toBe(3)
  })

  it('tries profiles in order, and says where a price is from', () => {
    const other = {
      ...snapshot('2026-01-01', 9),
      profile: 'other',
      models: [{ match: ['m', 'n'], rates: { input: 9 } }],
    }
    const prices = selectPrices([...table, other], 'acme+other')
    expect(prices.find('m')?.from).toEqual({
      profile: 'acme',
      asOf: '2026-03-01',
      digest: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    expect(prices.find('n')?.from.profile).toBe('other')
    expect(selectPrices([...table, other], 'other+acme').find('m')?.from.profile).toBe('other')
  })

  it('has another digest for other prices, and the same for the same', () => {
    const digestOf = (input: number) => selectPrices([snapshot('2026-01-01', input)]).find('m')?.from.digest
    expect(digestOf(1)).toBe(digestOf(1))
    expect(digestOf(1)).not.toBe(digestOf(2))
  })

  it('prefers an id to a glob', () => {
    const models = [
      { match: ['m*'], rates: { input: 1 } },
      { match: ['m-1.5'], rates: { input: 2 } },
    ]
    const prices = selectPrices([snapshot('2026-01-01', 0, { models })])
    expect(prices.find('m-1.5')?.price.rates.input).toBe(2)
    expect(prices.find('m-1x5')?.price.rates.input).toBe(1)
  })

  it.each([
    [() => selectPrices(table, 'nobody'), /no prices "nobody": give some of acme/],
    [() => selectPrices(table, 'acme', 'yesterday'), /"yesterday" is no day/],
    [() => selectPrices(table, 'acme', '2026-13-01'), /is no day/],
    [() => selectPrices([...table, snapshot('2026-04-01', 1, { currency: 'EUR' })]), /USD and EUR/],
  ])('refuses what makes no sense, %#', (select, message) => {
    expect(select).toThrow(message)
  })

  it("lets a user's profile replace one that is built in, with all its days", () => {
    const own = withOwnPrices(LIST_PRICES, [snapshot('2020-01-01', 7, { profile: 'openai' })])
    expect(profileNames(own)).toEqual(profileNames(LIST_PRICES))
    expect(selectPrices(own, 'openai').find('gpt-4o')).toBeNull()
    expect(selectPrices(own).find('m')?.price.rates.input).toBe(7)
  })
})

describe('costOf', () => {
  const prices = selectPrices(LIST_PRICES)
  const priceOf = (model: string) => prices.find(model) ?? expect.fail(`no price of ${model}`)

  it('prices each bucket once', () => {
    const usage = {
      input: 1_000_000,
      cacheRead: 2_000_000,
      cacheWrite: 100_000,
      output: 500_000,
      reasoning: 400_000,
    }
    const cost = costOf(usage, priceOf('claude-haiku-4-5'))
    expect(cost).toMatchObject({ currency: 'USD', unpriced: [] })
    expect(cost?.byBucket).toEqual({ input: 1, cacheRead: 0.2, cacheWrite: 0.125, output: 2.5 })
    expect(cost?.total).toBeCloseTo(3.825, 12)
  })

  it('says which tokens have no price instead of giving them away', () => {
    expect(costOf({ input: 1e6, cacheRead: 5 }, priceOf('gpt-4-turbo'))).toMatchObject({
      total: 10,
      unpriced: ['cacheRead'],
    })
  })

  it('knows no cost of tokens that nobody counted', () => {
    expect(costOf(null, priceOf('gpt-4o'))).toBeNull()
    expect(costOf({}, priceOf('gpt-4o'))).toBeNull()
    expect(costOf({ input: 0, output: 0 }, priceOf('gpt-4o'))).toBeNull()
  })

  it('prices long prompts by their own rates, caches counted', () => {
    const sonnet = priceOf('claude-sonnet-4-5')
    expect(costOf({ input: 200_000 }, sonnet)?.total).toBeCloseTo(0.6)
    expect(costOf({ input: 100_000, cacheRead: 100_001 }, sonnet)?.byBucket.input).toBeCloseTo(0.6)
  })

  it('prices batches where they have a price', () => {
    expect(costOf({ input: 1e6 }, priceOf('gpt-4o'), { isBatch: true })?.total).toBe(1.25)
    expect(costOf({ input: 1e6 }, priceOf('mistral-small-latest'), { isBatch: true })).toBeNull()
  })
})

describe('parsePriceSnapshot', () => {
  it("reads agentrec's files", () => {
    const file = {
      schema_version: 1,
      profile: 'acme',
      currency: 'USD',
      effective: '2026-06-12',
      source: 'https://acme.example',
      models: [
        { match: ['m'], unit: 'per_mtok', rates: { input: '0.15', cache_read: '0.075', output: '0.60' } },
      ],
    }
    expect(parsePriceSnapshot(file, 'acme.json')).toEqual({
      profile: 'acme',
      asOf: '2026-06-12',
      currency: 'USD',
      source: 'https://acme.example',
      models: [{ match: ['m'], rates: { input: 0.15, cacheRead: 0.075, output: 0.6 } }],
    })
  })

  it.each([
    [[], /in x.json: is no JSON object/],
    [{ ...snapshot('2026-01-01', 1), profile: '' }, /has no profile/],
    [{ ...snapshot('2026-01-01', 1), currency: 1 }, /has no currency/],
    [{ ...snapshot('soon', 1) }, /has no asOf, a day as/],
    [{ ...snapshot('2026-01-01', 1), models: [] }, /no list of models/],
    [
      { ...snapshot('2026-01-01', 1), models: [{ match: 'm', rates: { input: 1 } }] },
      /models\[0\]: has no list of model ids/,
    ],
    [
      { ...snapshot('2026-01-01', 1), models: [{ match: ['m'], rates: {} }] },
      /models\[0\]: rates: is no object with rates/,
    ],
    [
      { ...snapshot('2026-01-01', 1), models: [{ match: ['m'], rates: { inptu: 1 } }] },
      /has "inptu": give input, cacheRead/,
    ],
    [
      { ...snapshot('2026-01-01', 1), models: [{ match: ['m'], rates: { input: 'a lot' } }] },
      /no number from 0 on for input/,
    ],
    [
      { ...snapshot('2026-01-01', 1), models: [{ match: ['m'], rates: { input: -1 } }] },
      /no number from 0 on/,
    ],
    [
      { ...snapshot('2026-01-01', 1), models: [{ match: ['m'], rates: { input: 1 }, tiers: [1] }] },
      /in tiers/,
    ],
  ])('says what is wrong, %#', (value, message) => {
    expect(() => parsePriceSnapshot(value, 'x.json')).toThrow(message)
  })
})

describe('readPriceFolder', () => {
  it('reads the files of a folder and those below it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'prices-'))
    await mkdir(join(folder, 'acme'))
    await writeFile(join(folder, 'acme', '2026-01-01.json'), JSON.stringify(snapshot('2026-01-01', 1)))
    await writeFile(join(folder, 'acme', '2026-02-01.json'), JSON.stringify(snapshot('2026-02-01', 2)))
    await writeFile(join(folder, 'notes.txt'), 'none')
    expect(await readPriceFolder(folder)).toEqual([snapshot('2026-01-01', 1), snapshot('2026-02-01', 2)])
    await writeFile(join(folder, 'broken.json'), '{')
    await expect(readPriceFolder(folder)).rejects.toThrow(/broken\.json: is no JSON object/)
  })
})
