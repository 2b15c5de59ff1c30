import type { Clock } from '@agent-stream/core'
import { type RecordedEvent, sseText } from '@agent-stream/protocol'

import { createPace, type PaceOptions } from './pace.ts'

export interface PlayOptions extends PaceOptions {
  readonly clock: Clock
}

/** The events as SSE text, each when it is due. */
export async function* play(
  events: Iterable<RecordedEvent>,
  { clock, ...options }: PlayOptions,
): AsyncGenerator<string> {
  const pace = createPace(options)
  let startedAt = clock.now()
  let isFirst = true
  for (const event of events) {
    const dueMs = pace(event.t)
    // Timers may be early by a part of a millisecond, and are cut where platforms can wait no longer.
    for (let waitMs = startedAt + dueMs - clock.now(); waitMs > 0; waitMs = startedAt + dueMs - clock.now())
      await sleep(clock, waitMs)
    yield frameOf(event)
    // The first write takes some milliseconds more than the others: all would seem early after it.
    if (isFirst) startedAt = clock.now() - dueMs
    isFirst = false
  }
}

/** As it was on the wire, known to this version or not. */
function frameOf({ event, data, seq }: RecordedEvent): string {
  // A name on more than one line would be fields of its own.
  return sseText(event.replace(/[\r\n]+/g, ' '), JSON.stringify(data ?? null), seq)
}

function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, delayMs))
}
