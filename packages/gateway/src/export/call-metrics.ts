import { Counter, Histogram, Registry } from 'prom-client'

import type { CallReport } from '../observe/call-report.ts'
import { type CallAttributes, createCallAttributes } from './call-attributes.ts'
import {
  DURATION_BUCKETS,
  OPERATION_DURATION,
  prometheusName,
  TIME_PER_OUTPUT_CHUNK,
  TIME_TO_FIRST_CHUNK,
  TOKEN_BUCKETS,
  TOKEN_USAGE,
} from './genai-names.ts'

/** Calls as Prometheus counts them. */
export interface CallMetrics {
  add(report: CallReport): void
  /** In Prometheus' text format. */
  text(): Promise<string>
}

const LABELS = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
  'gen_ai_response_model',
  'server_address',
  'server_port',
  'error_type',
  'agent_stream_target',
]
const SPEED_BUCKETS = [1, 2, 5, 10, 20, 40, 60, 80, 100, 150, 200, 400, 800, 1600]

export function createCallMetrics(): CallMetrics {
  const registry = new Registry()
  const registers = [registry]
  const seconds = (name: string, help: string) =>
    new Histogram({
      name: prometheusName(name, 's'),
      help,
      labelNames: LABELS,
      buckets: [...DURATION_BUCKETS],
      registers,
    })
  const duration = seconds(OPERATION_DURATION, 'Duration of calls to models.')
  const firstChunk = seconds(TIME_TO_FIRST_CHUNK, 'Time to the first output of a stream.')
  const perChunk = seconds(TIME_PER_OUTPUT_CHUNK, 'Time between two outputs of a stream.')
  const tokens = new Histogram({
    name: prometheusName(TOKEN_USAGE, '{token}'),
    help: 'Tokens of calls to models.',
    labelNames: [...LABELS, 'gen_ai_token_type'],
    buckets: [...TOKEN_BUCKETS],
    registers,
  })
  const speed = new Histogram({
    name: 'agent_stream_gateway_output_tokens_per_second',
    help: 'Output tokens a second, from the first one on.',
    labelNames: LABELS,
    buckets: SPEED_BUCKETS,
    registers,
  })
  const cost = new Counter({
    name: 'agent_stream_gateway_cost_usd_total',
    help: 'What calls cost in US dollars, where their price is known.',
    labelNames: LABELS,
    registers,
  })
  const calls = new Counter({
    name: 'agent_stream_gateway_calls_total',
    help: 'Calls that ended, also those that ask no model.',
    labelNames: ['agent_stream_target', 'outcome', 'recording'],
    registers,
  })
  const buffered = new Counter({
    name: 'agent_stream_gateway_buffered_streams_total',
    help: 'Streams that something on the way held back.',
    labelNames: ['agent_stream_target', 'hop'],
    registers,
  })
  const attributesOf = createCallAttributes()

  return {
    add(report) {
      const { target, outcome, recording, upstream, downstream } = report
      calls.inc({ agent_stream_target: target, outcome, recording })
      if (upstream?.buffering === 'buffered' || upstream?.buffering === 'blocks')
        buffered.inc({ agent_stream_target: target, hop: 'upstream' })
      if (downstream) buffered.inc({ agent_stream_target: target, hop: 'downstream' })
      if (report.operation === undefined) return
      const labels = labelsOf(attributesOf(report))
      duration.observe(labels, report.durationMs / 1000)
      if (report.ttftMs !== undefined) firstChunk.observe(labels, report.ttftMs / 1000)
      for (const gapMs of report.gapsMs) perChunk.observe(labels, gapMs / 1000)
      for (const [type, count] of tokensOf(report))
        tokens.observe({ ...labels, gen_ai_token_type: type }, count)
      if (report.tokensPerSecond !== undefined) speed.observe(labels, report.tokensPerSecond)
      if (report.costUsd !== undefined) cost.inc(labels, report.costUsd)
    },
    text: () => registry.metrics(),
  }
}

/** Of the whole prompt, caches included, and of all that was generated. */
export function tokensOf({ usage }: CallReport): readonly (readonly ['input' | 'output', number])[] {
  if (!usage) return []
  const { input, cacheRead, cacheWrite, output } = usage
  const prompt = [input, cacheRead, cacheWrite].filter((count) => count !== undefined)
  return [
    ...(prompt.length > 0 ? [['input', prompt.reduce((a, b) => a + b, 0)] as const] : []),
    ...(output !== undefined ? [['output', output] as const] : []),
  ]
}

function labelsOf(attributes: CallAttributes): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.replaceAll('.', '_'), value]),
  )
}
