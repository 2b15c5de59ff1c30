import { decodePayload, type RecordedEvent, type RecordedSession } from '@agent-stream/protocol'

import { createPace, type PaceOptions } from './pace.ts'

/**
 * The session as a server that keeps its runs would send it: paced, numbered, and with the `run_started` that makes
 * numbers mean something. What has numbers keeps them.
 */
export function servedSession(session: RecordedSession, pace: PaceOptions): RecordedSession {
  const dueMs = createPace(pace)
  const events = session.events.map((event) => ({ ...event, t: dueMs(event.t) / 1000 }))
  return { ...session, events: numbered(session, events) }
}

function numbered(session: RecordedSession, events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  if (events.some(({ seq }) => seq !== undefined)) return events
  const decoded = events.map(({ event, data }) => decodePayload(event, data))
  // One event more would not be what its final packet counts.
  const isCounted = decoded.some((event) => event.type === 'done' && event.final?.eventCount !== undefined)
  const isNamed = decoded.some(({ type }) => type === 'run_started')
  const all = isNamed || isCounted ? events : [runStarted(session), ...events]
  return all.map((event, place) => ({ ...event, seq: place + 1 }))
}

function runStarted({ id, startedAt }: RecordedSession): RecordedEvent {
  const data = { run_id: id, started_at: startedAt, protocol: '1', heartbeat_ms: 15_000 }
  return { t: 0, event: 'run_started', data }
}
