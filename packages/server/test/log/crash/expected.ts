import type { LogEvent } from '../../../src/index.ts'

/** The event that the writer stores under this number, but for its time: whoever reads it can tell it from any other. */
export function expectedEvent(runId: string, seq: number): Omit<LogEvent, 'atMs'> {
  const text = `${runId} ${seq} ${'·'.repeat((seq * 37) % 400)}`
  return { seq, event: seq % 7 === 0 ? 'tool_use' : 'token', data: `{"text": "${text}"}` }
}

/** What the writer asks of a run while it has this many events. */
export const intentOf = (last: number): string => `asked at ${last}`
