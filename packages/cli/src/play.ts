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
  const startedAt = clock.now()
  for (const event of events) {
    const dueAt = startedAt + pace(event.t)
    // Timers may be early by a part of a millisecond, and are cut where platforms can wait no longer.
    for (let waitMs = dueAt - clock.now(); waitMs > 0; waitMs = dueAt - clock.now())
      await sleep(clock, waitMs)
    yield frameOf(event)
  }
}

/** As it was on the wire, known to this version or not. */
export function frameOf({ event, data, seq }: RecordedEvent): string {
  // A name on more than one line would be fields of its own.
  return sseText(event.replace(/[\r\n]+/g, ' '), JSON.stringify(data ?? null), seq)
}

function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, delayMs))
}
