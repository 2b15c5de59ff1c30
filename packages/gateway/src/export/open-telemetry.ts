import type { Attributes, Histogram } from '@opentelemetry/api'

import type { CallReport } from '../observe/call-report.ts'
import { createCallAttributes } from './call-attributes.ts'
import { tokensOf } from './call-metrics.ts'
import {
  DURATION_BUCKETS,
  OPERATION_DURATION,
  TIME_PER_OUTPUT_CHUNK,
  TIME_TO_FIRST_CHUNK,
  TOKEN_BUCKETS,
  TOKEN_USAGE,
} from './genai-names.ts'

type OpenTelemetryApi = typeof import('@opentelemetry/api')

/** Exports calls through whatever OpenTelemetry SDK the process has set up. */
export interface OpenTelemetryExport {
  add(report: CallReport): void
}

const SCOPE = '@agent-stream/gateway'

/** Undefined where `@opentelemetry/api` is not installed. */
export async function loadOpenTelemetry(): Promise<OpenTelemetryApi | undefined> {
  try {
    return await import('@opentelemetry/api')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Measurements by the GenAI conventions, and a span for each call. */
export function openTelemetryExport(api: OpenTelemetryApi): OpenTelemetryExport {
  const meter = api.metrics.getMeter(SCOPE)
  const tracer = api.trace.getTracer(SCOPE)
  const histogram = (name: string, unit: string, buckets: readonly number[]): Histogram =>
    meter.createHistogram(name, { unit, advice: { explicitBucketBoundaries: [...buckets] } })
  const duration = histogram(OPERATION_DURATION, 's', DURATION_BUCKETS)
  const firstChunk = histogram(TIME_TO_FIRST_CHUNK, 's', DURATION_BUCKETS)
  const perChunk = histogram(TIME_PER_OUTPUT_CHUNK, 's', DURATION_BUCKETS)
  const tokens = histogram(TOKEN_USAGE, '{token}', TOKEN_BUCKETS)
  const attributesOf = createCallAttributes()

  return {
    add(report) {
      if (report.operation === undefined) return
      const attributes = attributesOf(report)
      duration.record(report.durationMs / 1000, attributes)
      if (report.ttftMs !== undefined) firstChunk.record(report.ttftMs / 1000, attributes)
      for (const gapMs of report.gapsMs) perChunk.record(gapMs / 1000, attributes)
      for (const [type, count] of tokensOf(report))
        tokens.record(count, { ...attributes, 'gen_ai.token.type': type })
      const startTime = Date.parse(report.startedAt)
      const name = [report.operation, report.requestModel].filter(Boolean).join(' ')
      const span = tracer.startSpan(name, {
        kind: api.SpanKind.CLIENT,
        startTime,
        attributes: { ...attributes, ...spanAttributes(report) },
      })
      if (report.errorType) span.setStatus({ code: api.SpanStatusCode.ERROR })
      span.end(startTime + report.durationMs)
    },
  }
}

function spanAttributes({ isStream, ttftMs, finishReason, usage, status }: CallReport): Attributes {
  const { input, output, cacheRead, cacheWrite, reasoning } = usage ?? {}
  const prompt = input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0)
  const attributes: Readonly<Record<string, Attributes[string]>> = {
    'gen_ai.request.stream': isStream,
    'gen_ai.response.time_to_first_chunk': ttftMs === undefined ? undefined : ttftMs / 1000,
    'gen_ai.response.finish_reasons': finishReason === undefined ? undefined : [finishReason],
    'gen_ai.usage.input_tokens': prompt,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.cache_read.input_tokens': cacheRead,
    'gen_ai.usage.cache_creation.input_tokens': cacheWrite,
    'gen_ai.usage.reasoning.output_tokens': reasoning,
    'http.response.status_code': status,
  }
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
