import { type AgentEvent, createFold, decodeEvent, type Fold, type RunState } from '@agent-stream/protocol'
import { applyPatch } from '@agent-stream/protocol/json-patch'

import type { EventLog, LogEvent } from '../log/event-log.ts'

/** A run's state as its log has it, and where the log stands. */
export interface StoredState {
  readonly last: number
  readonly hasEnded: boolean
  readonly state: RunState
}

/** Folds a stored event, as a reader of the stream would, and returns it if it is one. */
export function foldStored(fold: Fold, { seq, event, data }: LogEvent): AgentEvent | undefined {
  const decoded = decodeEvent({ event, data })
  if (decoded.type !== 'warning') return fold.apply(decoded, seq) ? decoded : undefined
  fold.warn(decoded, seq)
  return undefined
}

/** Hands each event after number `after` to `take`; returns where the log stands. */
export async function readAll(
  log: EventLog,
  runId: string,
  after: number,
  take: (event: LogEvent) => void,
): Promise<{ readonly last: number; readonly hasEnded: boolean }> {
  for (let cursor = after; ; ) {
    const { events, last, hasEnded } = await log.read(runId, cursor)
    events.forEach(take)
    cursor = events.at(-1)?.seq ?? last
    if (cursor >= last) return { last, hasEnded }
  }
}

interface Entry {
  readonly fold: Fold
  cursor: number
}

const MAX_FOLDS = 64

/**
 * Reads states, and keeps the folds of the runs that were asked for last: whoever asks again pays for what is new.
 */
export function createStateReader(log: EventLog): (runId: string) => Promise<StoredState> {
  const entries = new Map<string, Entry>()

  async function advance(runId: string, entry: Entry): Promise<StoredState> {
    const { last, hasEnded } = await readAll(log, runId, entry.cursor, (event) => {
      // Two that read at the same time fold each event once.
      if (event.seq <= entry.cursor) return
      foldStored(entry.fold, event)
      entry.cursor = event.seq
    })
    return { last, hasEnded, state: entry.fold.snapshot() }
  }

  return async (runId) => {
    const entry = entries.get(runId) ?? { fold: createFold({ applyPatch }), cursor: 0 }
    // The last to be dropped, until others are asked for.
    entries.delete(runId)
    entries.set(runId, entry)
    if (entries.size > MAX_FOLDS) entries.delete([...entries.keys()][0] as string)
    try {
      return await advance(runId, entry)
    } catch (error) {
      entries.delete(runId)
      // A log that was rewound is read from its beginning.
      if (entry.cursor === 0) throw error
      return advance(runId, { fold: createFold({ applyPatch }), cursor: 0 })
    }
  }
}
