import type { RecordedEvent, SessionEnd } from '@agent-stream/protocol'

import type { FileBatch } from './read-recordings.ts'
import type { SessionInfo } from './recording-items.ts'

/** What is made of one session while its lines come. */
export interface SessionWork {
  event(event: RecordedEvent): void
  /** The session is whole. `null`: the recording does not say how it ended. */
  finish(end: SessionEnd | null): void
}

export interface OpenSessions {
  take(batch: FileBatch): void
  /** Nothing more comes: those that are still open end here. */
  finish(): void
  /** Sessions that began. */
  readonly count: number
  /** Events that came when their session had been closed, as one of too many that were open at once. */
  readonly lateEvents: number
}

/** Sessions that may be under way at the same time. Of more, the one that was silent for longest is closed. */
const MAX_OPEN = 1000

interface Open {
  readonly info: SessionInfo
  readonly file: string
  readonly work: SessionWork
  end: SessionEnd | null
}

/**
 * Hands each session's lines to its own work, and closes it as soon as it can be known to be whole, so that as many
 * are kept as were under way at once, however many there are.
 */
export function createOpenSessions(
  begin: (info: SessionInfo, file: string) => SessionWork,
  maxOpen = MAX_OPEN,
): OpenSessions {
  /** The one that was silent for longest is the first. */
  const open = new Map<string, Open>()
  let currentV1: string | undefined
  let count = 0
  let lateEvents = 0

  function close(id: string): void {
    const session = open.get(id)
    open.delete(id)
    session?.work.finish(session.end)
  }

  function start(info: SessionInfo, file: string): void {
    const known = open.get(info.id)
    // A file begun by rotation goes on with the session of the one before.
    if (known && Number(info.metadata.part) > 1) return
    if (known) close(info.id)
    // Without session ids on its lines, the next header ends it.
    if (currentV1 !== undefined) close(currentV1)
    currentV1 = info.version === 1 ? info.id : undefined
    count++
    open.set(info.id, { info, file, work: begin(info, file), end: null })
    if (open.size > maxOpen) close(open.keys().next().value as string)
  }

  function touch(id: string): Open | undefined {
    const session = open.get(id)
    if (session && open.size > 1) {
      open.delete(id)
      open.set(id, session)
    }
    return session
  }

  return {
    take({ file, items, isLast }) {
      for (const item of items) {
        switch (item.type) {
          case 'session':
            start(item.session, file)
            break
          case 'event': {
            const session = touch(item.sessionId)
            if (session) session.work.event(item.event)
            else lateEvents++
            break
          }
          case 'end': {
            const session = open.get(item.sessionId)
            if (session) session.end = item.end
            close(item.sessionId)
            break
          }
          case 'problem':
            break
          default:
            item satisfies never
        }
      }
      if (!isLast || currentV1 === undefined) return
      close(currentV1)
      currentV1 = undefined
    },
    finish() {
      for (const id of [...open.keys()]) close(id)
    },
    get count() {
      return count
    },
    get lateEvents() {
      return lateEvents
    },
  }
}
