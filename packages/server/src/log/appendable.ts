import type { LogEvent } from './event-log.ts'
import { LogError } from './log-error.ts'

/** Where a run's log stands. */
export interface LogPosition {
  readonly runId: string
  readonly last: number
  readonly hasEnded: boolean
}

/** What of an append is to be stored: none of it where all of it is stored already. */
export function appendable(
  { runId, last, hasEnded }: LogPosition,
  events: readonly LogEvent[],
): readonly LogEvent[] {
  checkEvents(events)
  const fresh = events.filter(({ seq }) => seq > last)
  const next = fresh[0]?.seq
  if (next === undefined) return fresh
  if (hasEnded) throw new LogError('ended', `The run ${runId} has ended with event ${last}`)
  if (next === last + 1) return fresh
  throw new LogError('rewound', `The log of run ${runId} ends with event ${last}, before event ${next - 1}`, {
    last,
  })
}

/** Throws `TypeError` for what no store takes: numbers that are not dense, and text that is more than a line. */
function checkEvents(events: readonly LogEvent[]): void {
  const first = events[0]?.seq ?? 1
  for (const [i, { seq, data }] of events.entries()) {
    if (!Number.isSafeInteger(seq) || seq < 1 || seq !== first + i) {
      throw new TypeError(`Event ${i} of the append has the number ${seq}; expected ${first + i}`)
    }
    if (data.includes('\n'))
      throw new TypeError(`The data of event ${seq} has a line end in it; expected one line`)
  }
}
