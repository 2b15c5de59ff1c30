import type { RecordedEvent, RecordedSession, SessionEnd } from '@agent-stream/protocol'

import { CommandFailure } from './failure.ts'
import type { FileBatch, Reading } from './read-recordings.ts'
import type { SessionInfo } from './recording-items.ts'

/** Which session of a recording is meant. `index` counts from 1, in the order of the list. */
export type SessionChoice =
  | { readonly by: 'last' }
  | { readonly by: 'index'; readonly index: number }
  | { readonly by: 'id'; readonly id: string }

/** Keeps the chosen session, and nothing else, of what it is given. */
interface SessionPick {
  take(batch: FileBatch): void
  /** Whether nothing that may follow would change the result. */
  isDone(): boolean
  /** How many sessions were seen. */
  count(): number
  session(): RecordedSession | undefined
}

function createSessionPick(choice: SessionChoice): SessionPick {
  let picked: (SessionInfo & { events: RecordedEvent[]; end: SessionEnd | null }) | undefined
  let isOver = false
  let count = 0

  function begin(info: SessionInfo): void {
    // A file begun by rotation goes on with the session of the one before.
    if (picked?.id === info.id && Number(info.metadata.part) > 1) return
    count++
    if (picked && choice.by !== 'last') {
      // Without session ids on its lines, the next header ends it; another file may repeat its id.
      isOver ||= picked.version === 1 || picked.id === info.id
    } else if (isMeant(info)) picked = { ...info, events: [], end: null }
  }

  function isMeant({ id }: SessionInfo): boolean {
    return choice.by === 'last' || (choice.by === 'id' ? id === choice.id : count === choice.index)
  }

  return {
    take({ items }) {
      for (const item of items) {
        if (isOver) return
        if (item.type === 'session') begin(item.session)
        else if (item.type === 'event' && item.sessionId === picked?.id) picked.events.push(item.event)
        else if (item.type === 'end' && item.sessionId === picked?.id) {
          picked.end = item.end
          isOver = choice.by !== 'last'
        }
      }
    },
    isDone: () => isOver,
    count: () => count,
    session: () => picked,
  }
}

/** Reads until the chosen session is whole. Undefined where nothing could be read, and that was told. */
export async function pickSession(
  { batches, hasFailed }: Reading,
  choice: SessionChoice,
  where: string,
): Promise<RecordedSession | undefined> {
  const pick = createSessionPick(choice)
  for await (const batch of batches) {
    pick.take(batch)
    if (pick.isDone()) break
  }
  const session = pick.session()
  if (session || (pick.count() === 0 && hasFailed())) return session
  const wanted = choice.by === 'id' ? `"${choice.id}"` : choice.by === 'index' ? choice.index : 'at all'
  throw new CommandFailure(`${where}: no session ${wanted} among its ${pick.count()}; --list shows them`)
}
