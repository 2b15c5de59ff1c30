import type { FileHandle } from 'node:fs/promises'

import { type LogEvent, MAX_PAGE_CHARS } from '../event-log.ts'
import { nextLineStart, type ScannedLine, scanLines } from './line-scan.ts'
import { type RunClock, readRunLine } from './run-lines.ts'

/** Where the events stand in a file, in bytes. */
export interface EventRange {
  readonly start: number
  readonly end: number
}

export interface FilePage {
  readonly events: readonly LogEvent[]
  /** Where to look for what comes after it. */
  readonly nextOffset: number
}

/** Below this, reading is cheaper than looking for where to read. */
const NEAR_BYTES = 65_536

/** Where a line begins, before or at which no event stands that comes after number `after`; near it, if there is one. */
export async function findOffset(
  handle: FileHandle,
  run: RunClock,
  { start, end }: EventRange,
  after: number,
): Promise<number> {
  let low = start
  let high = end
  // The numbers rise with the bytes: between `low` and `high` begins the first line that is wanted.
  while (high - low > NEAR_BYTES) {
    const middle = low + Math.floor((high - low) / 2)
    const found = await firstEvent(handle, run, await nextLineStart(handle, middle, high), high)
    if (found && found.seq <= after) low = found.nextOffset
    else high = middle
  }
  return low
}

interface FoundEvent {
  readonly seq: number
  readonly nextOffset: number
}

async function firstEvent(
  handle: FileHandle,
  run: RunClock,
  start: number,
  end: number,
): Promise<FoundEvent | undefined> {
  let found: FoundEvent | undefined
  await scanLines(handle, start, end, ({ text, nextOffset }) => {
    const line = readRunLine(run, text)
    if (line?.type === 'event') found = { seq: line.event.seq, nextOffset }
    return !found
  })
  return found
}

export interface PageRequest {
  readonly after: number
  readonly limit: number
  readonly onDamage: (line: ScannedLine) => void
}

/** The events after number `after`, from the line at `start` on: one page of them. */
export async function readFilePage(
  handle: FileHandle,
  run: RunClock,
  { start, end }: EventRange,
  { after, limit, onDamage }: PageRequest,
): Promise<FilePage> {
  const events: LogEvent[] = []
  let last = after
  let chars = 0
  let nextOffset = start
  await scanLines(handle, start, end, (line) => {
    const read = readRunLine(run, line.text)
    if (!read) onDamage(line)
    if (read?.type === 'event' && read.event.seq > last) {
      chars += read.event.data.length
      if (events.length === limit || (events.length > 0 && chars > MAX_PAGE_CHARS)) return false
      events.push(read.event)
      last = read.event.seq
    }
    nextOffset = line.nextOffset
    return true
  })
  return { events, nextOffset }
}
