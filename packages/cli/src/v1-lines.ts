import { type RecordedEvent, spacedJson } from '@agent-stream/protocol'

import type { SessionInfo } from './recording-items.ts'

/** A header as the original recorder writes it. What else the session's header says has no place there. */
export function v1Header({ id, startedAt }: SessionInfo): string {
  return `${spacedJson({ session: id, started_at: startedAt, t: 0 })}\n`
}

/** An event's line as the original recorder writes it: it belongs to the header before it. */
export function v1Event({ t, event, data }: RecordedEvent): string {
  return `${spacedJson({ t, event, data: data ?? null })}\n`
}
