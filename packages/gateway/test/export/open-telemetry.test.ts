import * as api from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'

import { loadOpenTelemetry, openTelemetryExport } from '../../src/export/open-telemetry.ts'
import { someReport } from '../support/report.ts'

interface Recorded {
  readonly name: string
  readonly value: number
  readonly attributes: api.Attributes
}

/** An SDK that keeps what it is given. */
function fakeSdk() {
  const recorded: Recorded[] = []
  const buckets = new Map<string, readonly number[] | undefined>()
  const spans: {
    name: string
    options: api.SpanOptions | undefined
    status?: api.SpanStatus
    endTime?: unknown
  }[] = []
  const meter = {
    createHistogram: (name: string, options?: api.MetricOptions) => {
      buckets.set(name, options?.advice?.explicitBucketBoundaries)
      return {
        record: (value: number, attributes: api.Attributes) => recorded.push({ name, value, attributes }),
      }
    },
  }
  const tracer = {
    startSpan(name: string, options?: api.SpanOptions) {
      const span: (typeof spans)[number] = { name, options }
      spans.push(span)
      return {
        setStatus: (status: api.SpanStatus) => {
          span.status = status
        },
        end: (endTime: unknown) => {
          span.endTime = endTime
        },
      }
    },
  }
  // Only what the export uses.
  api.metrics.setGlobalMeterProvider({ getMeter: () => meter } as unknown as api.MeterProvider)
  api.trace.setGlobalTracerProvider({ getTracer: () => tracer } as unknown as api.TracerProvider)
  return { recorded, buckets, spans }
}

afterEach(() => {
  api.metrics.disable()
  api.trace.disable()
})

describe('openTelemetryExport', () => {
  it('records what a call measured, by the GenAI conventions', () => {
    const { recorded, buckets } = fakeSdk()
    openTelemetryExport(api).add(someReport())
    const values = (name: string) => recorded.filter((each) => each.name === name).map(({ value }) => value)
    expect(values('gen_ai.client.operation.duration')).toEqual([1.2345])
    expect(values('gen_ai.client.operation.time_to_first_chunk')).toEqual([0.25])
    expect(values('gen_ai.client.operation.time_per_output_chunk')).toEqual([0.01, 0.03, 0.02])
    expect(values('gen_ai.client.token.usage')).toEqual([100, 20])
    expect(recorded[0]?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'server.address': 'api.openai.com',
      'agent_stream.target': 'api.openai.com',
    })
    expect(buckets.get('gen_ai.client.operation.duration')).toContain(81.92)
    expect(buckets.get('gen_ai.client.token.usage')).toContain(67108864)
  })

  it('makes a span of the call, with its own times', () => {
    const { spans } = fakeSdk()
    openTelemetryExport(api).add(
      someReport({ outcome: 'refused', errorType: '429', server: 'localhost:8080' }),
    )
    expect(spans).toMatchObject([
      {
        name: 'chat gpt-4o',
        options: {
          kind: api.SpanKind.CLIENT,
          startTime: Date.parse('2026-01-02T03:04:05.678Z'),
          attributes: { 'error.type': '429', 'server.port': 8080, 'gen_ai.usage.input_tokens': 100 },
        },
        status: { code: api.SpanStatusCode.ERROR },
        endTime: Date.parse('2026-01-02T03:04:05.678Z') + 1234.5,
      },
    ])
  })

  it('passes over what asks no model', () => {
    const { recorded, spans } = fakeSdk()
    const { operation: _, ...list } = someReport({ path: '/v1/models' })
    openTelemetryExport(api).add(list)
    expect([recorded, spans]).toEqual([[], []])
  })

  it('is there where the API is installed', async () => {
    expect(await loadOpenTelemetry()).toHaveProperty('metrics')
  })
})
