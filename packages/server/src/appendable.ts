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
  checkDense(events)
  const fresh = events.filter(({ seq }) => seq > last)
  const next = fresh[0]?.seq
  if (next === undefined) return fresh
  if (hasEnded) throw new LogError('ended', `The run ${runId} has ended with event ${last}`)
  if (next > last + 1) {
    throw new LogError(
      'rewound',
      `The log of run ${runId} ends with event ${last}, before event ${next - 1}`,
      {
        last,
      },
    )
  }
  return fresh
}

function checkDense(events: readonly LogEvent[]): void {
  const first = events[0]?.seq ?? 1
  const wrong = events.findIndex(({ seq }, i) => !Number.isSafeInteger(seq) || seq < 1 || seq !== first + i)
  if (wrong < 0) return
  throw new TypeError(
    `Event ${wrong} of the append has the number ${events[wrong]?.seq}; expected ${first + wrong}`,
  )
}
