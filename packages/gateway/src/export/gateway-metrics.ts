import { Counter, Gauge, Registry } from 'prom-client'
import type { Quantiles } from '../calls/quantiles.ts'
import type { RecordingStatus } from '../observe/recording-status.ts'

export interface GatewayFigures {
  readonly callsInFlight: number
  readonly upstreamConnections: number
  readonly recording: RecordingStatus
  /** Bytes of calls that nobody looked at. */
  readonly droppedBytes: number
  readonly isObserved: boolean
  readonly eventLoopDelayMs: Quantiles | undefined
}

/** The gateway itself in Prometheus' text format, as it is now. */
export async function gatewayMetrics(figures: GatewayFigures): Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string, value: number) => {
    new Gauge({ name: `agent_stream_gateway_${name}`, help, registers: [registry] }).set(value)
  }
  const counter = (name: string, help: string, value: number) => {
    new Counter({ name: `agent_stream_gateway_${name}_total`, help, registers: [registry] }).inc(value)
  }
  const { recording, eventLoopDelayMs } = figures
  const { cassettes, sessions } = recording
  gauge('calls_in_flight', 'Calls under way.', figures.callsInFlight)
  gauge('upstream_connections', 'Connections to APIs that are open.', figures.upstreamConnections)
  gauge('observer_up', 'Whether calls are measured and recorded.', Number(figures.isObserved))
  counter('unobserved_bytes', 'Bytes of calls that nobody looked at, for want of room.', figures.droppedBytes)
  gauge('recording_problems', 'What is wrong with the recording now.', recording.problems.length)
  counter('recorded_calls', 'Calls that were written as cassettes.', cassettes.written)
  counter('unrecorded_calls', 'Calls that could not be written.', cassettes.failed + cassettes.dropped)
  counter('recorded_events', 'Events that were written into sessions.', sessions.events)
  counter('unrecorded_events', 'Events that could not be written.', sessions.dropped)
  gauge('recording_waiting_bytes', 'What waits for the disk.', recording.waitingBytes)
  if (eventLoopDelayMs) {
    const delay = new Gauge({
      name: 'agent_stream_gateway_event_loop_delay_seconds',
      help: 'How late the event loop is, since the last minute.',
      labelNames: ['quantile'],
      registers: [registry],
    })
    const { p50, p95, p99 } = eventLoopDelayMs
    for (const [quantile, ms] of Object.entries({ 0.5: p50, 0.95: p95, 0.99: p99 }))
      delay.set({ quantile }, ms / 1000)
  }
  return registry.metrics()
}
