import { countText } from './duration-text.ts'
import type { OpenSessions } from './open-sessions.ts'

/** What to say of events that came after their session had to be closed. */
export function lateEventsText({ lateEvents }: OpenSessions): string {
  return `${countText(lateEvents)} events are left out: more than 1,000 sessions were under way at the same time`
}
