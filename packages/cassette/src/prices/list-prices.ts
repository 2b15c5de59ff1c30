import type { ModelPrice, PriceTable, Rates } from './price-table.ts'

/** A model of which a batch costs half, as at OpenAI, Anthropic and Google. */
function halvedInBatch(
  match: readonly string[],
  rates: Rates,
  longPrompts?: ModelPrice['longPrompts'],
): ModelPrice {
  const half = (rate: number) => rate / 2
  const batch = Object.fromEntries(Object.entries(rates).map(([bucket, rate]) => [bucket, half(rate)]))
  return { match, rates, batch, ...(longPrompts && { longPrompts }) }
}

/** Anthropic's rates follow from the input's: caches are read for a tenth of it and written for a quarter more. */
function anthropicRates(input: number, output: number): Rates {
  return { input, cacheRead: input / 10, cacheWrite: input * 1.25, output }
}

const LONG_SONNET = [{ aboveTokens: 200_000, rates: anthropicRates(6, 22.5) }]

/**
 * List prices in US dollars, each as it stood on its day at its source. They age: look before you decide by them, and
 * put what has changed into a snapshot of your own. Caches that Anthropic keeps for an hour cost more than is said here.
 */
export const LIST_PRICES: PriceTable = [
  {
    profile: 'openai',
    asOf: '2025-12-11',
    currency: 'USD',
    source: 'https://openai.com/api/pricing',
    models: [
      halvedInBatch(['gpt-5.2-pro*'], { input: 21, output: 168 }),
      halvedInBatch(['gpt-5.2*'], { input: 1.75, cacheRead: 0.175, output: 14 }),
      halvedInBatch(['gpt-5-pro*'], { input: 15, output: 120 }),
      halvedInBatch(['gpt-5-mini*', 'gpt-5.1-codex-mini*'], { input: 0.25, cacheRead: 0.025, output: 2 }),
      halvedInBatch(['gpt-5-nano*'], { input: 0.05, cacheRead: 0.005, output: 0.4 }),
      halvedInBatch(['gpt-5', 'gpt-5-2*', 'gpt-5-chat*', 'gpt-5-codex*', 'gpt-5.1*'], {
        input: 1.25,
        cacheRead: 0.125,
        output: 10,
      }),
      halvedInBatch(['gpt-4.1-mini*'], { input: 0.4, cacheRead: 0.1, output: 1.6 }),
      halvedInBatch(['gpt-4.1-nano*'], { input: 0.1, cacheRead: 0.025, output: 0.4 }),
      halvedInBatch(['gpt-4.1', 'gpt-4.1-2*'], { input: 2, cacheRead: 0.5, output: 8 }),
      halvedInBatch(['gpt-4o-mini', 'gpt-4o-mini-2*'], { input: 0.15, cacheRead: 0.075, output: 0.6 }),
      halvedInBatch(['gpt-4o-2024-05-13', 'chatgpt-4o-latest'], { input: 5, output: 15 }),
      halvedInBatch(['gpt-4o', 'gpt-4o-2*'], { input: 2.5, cacheRead: 1.25, output: 10 }),
      halvedInBatch(['o1-pro*'], { input: 150, output: 600 }),
      halvedInBatch(['o1-mini*', 'o3-mini*'], { input: 1.1, cacheRead: 0.55, output: 4.4 }),
      halvedInBatch(['o1', 'o1-2*', 'o1-preview*'], { input: 15, cacheRead: 7.5, output: 60 }),
      halvedInBatch(['o3-pro*'], { input: 20, output: 80 }),
      halvedInBatch(['o3', 'o3-2*'], { input: 2, cacheRead: 0.5, output: 8 }),
      halvedInBatch(['o4-mini', 'o4-mini-2*'], { input: 1.1, cacheRead: 0.275, output: 4.4 }),
      halvedInBatch(['gpt-4-turbo*'], { input: 10, output: 30 }),
      halvedInBatch(['gpt-4', 'gpt-4-0613'], { input: 30, output: 60 }),
      halvedInBatch(['gpt-3.5-turbo', 'gpt-3.5-turbo-0125'], { input: 0.5, output: 1.5 }),
    ],
  },
  {
    profile: 'anthropic',
    asOf: '2026-06-12',
    currency: 'USD',
    source: 'https://platform.claude.com/docs/en/about-claude/pricing',
    models: [
      halvedInBatch(['claude-fable-5*', 'claude-mythos-5*'], anthropicRates(10, 50)),
      halvedInBatch(
        ['claude-opus-4-5*', 'claude-opus-4-6*', 'claude-opus-4-7*', 'claude-opus-4-8*'],
        anthropicRates(5, 25),
      ),
      halvedInBatch(
        ['claude-opus-4-0', 'claude-opus-4-1*', 'claude-opus-4-2025*', 'claude-3-opus*'],
        anthropicRates(15, 75),
      ),
      halvedInBatch(
        ['claude-sonnet-4-0', 'claude-sonnet-4-2025*', 'claude-sonnet-4-5*'],
        anthropicRates(3, 15),
        LONG_SONNET,
      ),
      halvedInBatch(
        ['claude-sonnet-4-6*', 'claude-3-7-sonnet*', 'claude-3-5-sonnet*'],
        anthropicRates(3, 15),
      ),
      halvedInBatch(['claude-haiku-4-5*'], anthropicRates(1, 5)),
      halvedInBatch(['claude-3-5-haiku*'], anthropicRates(0.8, 4)),
      halvedInBatch(['claude-3-haiku*'], { input: 0.25, cacheRead: 0.03, cacheWrite: 0.3, output: 1.25 }),
    ],
  },
  {
    profile: 'gemini',
    asOf: '2025-12-17',
    currency: 'USD',
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
    models: [
      halvedInBatch(['gemini-3-pro*'], { input: 2, cacheRead: 0.2, output: 12 }, [
        { aboveTokens: 200_000, rates: { input: 4, cacheRead: 0.4, output: 18 } },
      ]),
      halvedInBatch(['gemini-3-flash*'], { input: 0.5, cacheRead: 0.05, output: 3 }),
      halvedInBatch(['gemini-2.5-pro*'], { input: 1.25, cacheRead: 0.125, output: 10 }, [
        { aboveTokens: 200_000, rates: { input: 2.5, cacheRead: 0.25, output: 15 } },
      ]),
      halvedInBatch(['gemini-2.5-flash-lite*'], { input: 0.1, cacheRead: 0.01, output: 0.4 }),
      halvedInBatch(['gemini-2.5-flash', 'gemini-2.5-flash-preview*'], {
        input: 0.3,
        cacheRead: 0.03,
        output: 2.5,
      }),
      halvedInBatch(['gemini-2.0-flash-lite*'], { input: 0.075, output: 0.3 }),
      halvedInBatch(['gemini-2.0-flash', 'gemini-2.0-flash-0*'], {
        input: 0.1,
        cacheRead: 0.025,
        output: 0.4,
      }),
    ],
  },
  {
    profile: 'mistral',
    asOf: '2026-06-16',
    currency: 'USD',
    source: 'https://mistral.ai/pricing',
    models: [
      {
        match: ['mistral-large-latest', 'mistral-large-2*', 'pixtral-large*'],
        rates: { input: 2, output: 6 },
      },
      { match: ['mistral-medium-latest', 'mistral-medium-2*'], rates: { input: 0.4, output: 2 } },
      {
        match: ['mistral-small-latest', 'mistral-small-2*', 'devstral-small*'],
        rates: { input: 0.1, output: 0.3 },
      },
      { match: ['codestral-latest', 'codestral-2*', 'mistral-saba*'], rates: { input: 0.3, output: 0.9 } },
      { match: ['ministral-3b*'], rates: { input: 0.04, output: 0.04 } },
      {
        match: ['ministral-8b*', 'open-mistral-nemo*', 'pixtral-12b*'],
        rates: { input: 0.15, output: 0.15 },
      },
      { match: ['magistral-medium*'], rates: { input: 2, output: 5 } },
      { match: ['magistral-small*'], rates: { input: 0.5, output: 1.5 } },
    ],
  },
  {
    profile: 'deepseek',
    asOf: '2025-09-29',
    currency: 'USD',
    source: 'https://api-docs.deepseek.com/quick_start/pricing',
    models: [
      {
        match: ['deepseek-chat', 'deepseek-reasoner'],
        rates: { input: 0.28, cacheRead: 0.028, output: 0.42 },
      },
    ],
  },
]
