import type { Comparison } from '../../src/compare/comparator.ts'
import type { Answer, MigrationReport, ReportRow } from '../../src/report/report.ts'

/** An answer of which only what a test looks at is given. */
export function answerOf(text: string, more: Partial<Answer> = {}): Answer {
  return {
    cassetteId: 'openai_gpt-4o-mini_0011223344556677',
    model: 'gpt-4o-mini',
    text,
    toolCalls: [],
    finishReason: 'stop',
    inputTokens: 40,
    outputTokens: 12,
    latencyMs: 1200,
    firstChunkMs: 300,
    recordedAt: '2026-03-01T10:00:00.000Z',
    costs: [{ amount: 0.00042, isPartial: false }],
    ...more,
  }
}

export function comparisonOf(
  comparator: string,
  passed: boolean | null,
  score: number,
  detail = '',
): Comparison {
  return { comparator, score, passed, detail, isError: passed === null }
}

/** A prompt that was compared: the baseline's text and the target's. */
export function rowOf(number: number, prompt: string, more: Partial<ReportRow> = {}): ReportRow {
  const comparisons = [comparisonOf('exact', true, 1), comparisonOf('fuzzy', true, 1, 'ratio 1.00')]
  return {
    number,
    semanticKey: `${number}`.padStart(32, '0'),
    baselineId: `openai_gpt-4o-mini_${number.toString(16).padStart(16, '0')}`,
    prompt: { preview: prompt.slice(0, 80), text: `[user]\n${prompt}` },
    category: 'support',
    status: 'compared',
    reason: null,
    passed: true,
    baseline: answerOf('The parcel arrives on Monday.'),
    samples: [
      {
        answer: answerOf('The parcel arrives on Monday.', { model: 'claude-haiku-4-5' }),
        isCached: true,
        comparisons,
      },
    ],
    notes: [],
    ...more,
  }
}

/** A prompt whose answers differ. */
export function failingRow(
  number: number,
  prompt: string,
  baseline: string,
  target: string,
  more: Partial<ReportRow> = {},
) {
  const comparisons = [
    comparisonOf('exact', false, 0, 'the texts differ'),
    comparisonOf('fuzzy', false, 0.62, 'ratio 0.62 < 0.80'),
  ]
  return rowOf(number, prompt, {
    passed: false,
    baseline: answerOf(baseline),
    samples: [
      {
        answer: answerOf(target, { model: 'claude-haiku-4-5', latencyMs: 640, outputTokens: 31 }),
        isCached: false,
        comparisons,
      },
    ],
    ...more,
  })
}

/** One of every kind of prompt, none of them nice. */
export const ROWS: readonly ReportRow[] = [
  rowOf(1, 'When does my parcel arrive?'),
  failingRow(
    2,
    'Summarise the refund policy in one sentence.',
    'Refunds are paid within 14 days after the goods came back.',
    'You get a refund within 30 days, once the goods have come back to us in their box.',
    { category: 'policy', notes: ['temperature dropped in cross-provider translation'] },
  ),
  failingRow(3, 'Which tool?', '', '', {
    category: 'tools',
    baseline: answerOf('', {
      toolCalls: [{ id: 'a', name: 'get_order', arguments: { id: 17, express: true } }],
      finishReason: 'tool_calls',
    }),
    samples: [
      {
        answer: answerOf('Let me look.', {
          model: 'claude-haiku-4-5',
          toolCalls: [{ id: 'b', name: 'get_order', arguments: { id: '17' } }],
          finishReason: 'tool_use',
          costs: [null],
        }),
        isCached: false,
        comparisons: [
          comparisonOf('exact', false, 0, 'the texts differ'),
          comparisonOf('fuzzy', null, 0, 'no text to compare'),
        ],
      },
    ],
  }),
  failingRow(
    4,
    '<script>alert("p")</script> | `code` **bold** [link](javascript:alert(1)) \u202Egnp.exe\u0000',
    '</pre></details><script>alert(1)</script><img src=x onerror=alert(2)> & ```fence``` ````four````',
    `مرحبا بالعالم 👩‍👩‍👧‍👦 \ud800 ${'x'.repeat(5000)}`,
    { category: '"><script>alert(3)</script>' },
  ),
  rowOf(5, 'Describe this picture.', {
    status: 'skipped',
    passed: null,
    reason: 'unsupported request: images cannot be asked of anthropic',
    samples: [],
  }),
  rowOf(6, 'Write a long story.', {
    status: 'errored',
    passed: null,
    reason: 'the target answered with 400: invalid_request_error',
    samples: [],
    category: null,
  }),
]

export const SAMPLE: MigrationReport = {
  version: 1,
  generatedAt: '2026-03-02T08:00:00.000Z',
  corpus: 'corpus',
  baselineModels: ['gpt-4o-mini'],
  target: { model: 'claude-haiku-4-5', provider: 'anthropic' },
  samples: 1,
  comparators: ['exact', 'fuzzy'],
  counts: { compared: 4, skipped: 1, errored: 1, cached: 1, live: 3 },
  summary: [
    {
      comparator: 'exact',
      compared: 4,
      passed: 1,
      errors: 0,
      passRate: { value: 0.25, low: 0.0456, high: 0.6994 },
      meanScore: 0.25,
    },
    {
      comparator: 'fuzzy',
      compared: 3,
      passed: 1,
      errors: 1,
      passRate: { value: 1 / 3, low: 0.0615, high: 0.7923 },
      meanScore: 0.7467,
    },
  ],
  totals: [
    {
      metric: 'inputTokens',
      pricing: null,
      currency: null,
      prompts: 4,
      baseline: 160,
      target: 160,
      ratio: 1,
    },
    {
      metric: 'outputTokens',
      pricing: null,
      currency: null,
      prompts: 4,
      baseline: 48,
      target: 105,
      ratio: 2.1875,
    },
    {
      metric: 'latencyMs',
      pricing: null,
      currency: null,
      prompts: 4,
      baseline: 1200,
      target: 780,
      ratio: 0.65,
    },
    {
      metric: 'firstChunkMs',
      pricing: null,
      currency: null,
      prompts: 4,
      baseline: 300,
      target: 300,
      ratio: 1,
    },
    {
      metric: 'cost',
      pricing: 'list',
      currency: 'USD',
      prompts: 3,
      baseline: 0.00126,
      target: 0.00126,
      ratio: 1,
    },
  ],
  gate: {
    passed: false,
    detail: '1 prompt errored',
    thresholds: [
      {
        comparator: 'fuzzy',
        threshold: 0.9,
        passRate: 1 / 3,
        errors: 1,
        passed: false,
        detail: '1 comparison failed; the pass rate does not count',
      },
    ],
  },
  categories: ['policy', 'support', 'tools', null].map((category) => ({
    category,
    prompts: 1,
    summary: [
      {
        comparator: 'exact',
        compared: 1,
        passed: 0,
        errors: 0,
        passRate: { value: 0, low: 0, high: 0.7935 },
        meanScore: 0,
      },
      { comparator: 'fuzzy', compared: 0, passed: 0, errors: 1, passRate: null, meanScore: null },
    ],
    totals: [
      {
        metric: 'outputTokens',
        pricing: null,
        currency: null,
        prompts: 1,
        baseline: 12,
        target: 31,
        ratio: 31 / 12,
      },
    ],
  })),
  rows: ROWS,
  pricing: [
    {
      profile: 'list',
      currency: 'USD',
      asOf: 'latest',
      snapshots: [{ name: 'openai', date: '2026-02-01', digest: 'ab'.repeat(6) }],
      unknownModels: ['llama-9'],
    },
  ],
  warnings: ['2 cassettes could not be read: they are torn'],
}
