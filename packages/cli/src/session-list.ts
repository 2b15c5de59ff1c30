import type { FileBatch } from './read-recordings.ts'
import type { SessionInfo } from './recording-items.ts'

/** What the list of a recording says of a session. */
export interface ListedSession {
  readonly id: string
  /** ISO 8601; empty when the header is lost. */
  readonly startedAt: string
  readonly eventCount: number
  /** Seconds from its start to its last event. */
  readonly durationSeconds: number
  /** Names of its events, each once, in the order of first sight. */
  readonly types: readonly string[]
  readonly file: string
}

/** Lists sessions in the order in which they begin, with what an event counts for. */
export interface SessionLister {
  take(batch: FileBatch): void
  /** Those with an event of one of the names, if names were given. */
  list(): readonly ListedSession[]
}

export function createSessionLister(names: ReadonlySet<string> | null): SessionLister {
  const sessions: Draft[] = []
  let open = new Map<string, Draft>()

  function begin(file: string, { id, startedAt, metadata }: SessionInfo): void {
    const known = open.get(id)
    // A file begun by rotation goes on with the session of the one before.
    if (known && Number(metadata.part) > 1) return
    const session: Draft = { id, startedAt, eventCount: 0, durationSeconds: 0, types: [], file }
    open.set(id, session)
    sessions.push(session)
  }

  return {
    take({ file, items }) {
      for (const item of items) {
        if (item.type === 'session') begin(file, item.session)
        else if (item.type === 'event') {
          const session = open.get(item.sessionId)
          if (!session) continue
          session.eventCount++
          session.durationSeconds = item.event.t
          if (!session.types.includes(item.event.event)) session.types.push(item.event.event)
        }
      }
    },
    list() {
      open = new Map()
      return sessions.filter(({ types }) => !names || types.some((name) => names.has(name)))
    },
  }
}

interface Draft extends Omit<ListedSession, 'types'> {
  eventCount: number
  durationSeconds: number
  readonly types: string[]
}
