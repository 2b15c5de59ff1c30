import type { RunEnd } from '../event-log.ts'
import { type RunClock, readRunLine } from './run-lines.ts'

/** The bytes that end a file; `startsAtLine`: their first byte begins a line, the one after the header. */
export interface TailBytes {
  readonly bytes: Buffer
  readonly startsAtLine: boolean
}

export interface RunTail {
  /** The number of the last event, or the highest that a damaged line behind it may have had. */
  readonly last: number
  readonly end?: RunEnd
  readonly isSettled: boolean
  /** How much of the given bytes stays. */
  readonly keptBytes: number
  /** The last line stays and lacks its line end. */
  readonly lacksLineEnd: boolean
  readonly isTorn: boolean
  /** Where unreadable lines begin, in the given bytes. */
  readonly damagedAt: readonly number[]
}

const LINE_END = 0x0a
/** No event's line is shorter. */
const MIN_LINE_BYTES = 100
const LINE_BEGINNING = '{"t": '
const WHOLE_LINE = /"crc": "[0-9a-f]{8}"\}/

/** What the end of a run's file says of the run; `undefined` if there is no event in it, and there may be before it. */
export function readRunTail(run: RunClock, { bytes, startsAtLine }: TailBytes): RunTail | undefined {
  const final = readFinalPiece(run, bytes)
  const damage: DamagedLine[] = []
  let end: RunEnd | undefined
  let isSettled = false
  let last: number | undefined
  for (const { at, text } of final.linesFromEnd(startsAtLine)) {
    const line = readRunLine(run, text)
    if (line?.type === 'event') {
      if (line.outcome !== undefined) {
        end ??= { atMs: line.event.atMs, outcome: line.outcome }
        // Behind the event that ended the run, there is no other.
        last = line.event.seq
      } else last = highestLost(line.event.seq, damage)
      break
    }
    if (line?.type === 'end') {
      end ??= line.end
      isSettled ||= line.isSettled
    } else damage.push({ at, text })
  }
  if (last === undefined && !startsAtLine) return undefined
  return {
    last: last ?? highestLost(0, damage),
    ...(end && { end }),
    isSettled,
    keptBytes: final.keptBytes,
    lacksLineEnd: final.lacksLineEnd,
    isTorn: final.isTorn,
    damagedAt: damage.map(({ at }) => at).reverse(),
  }
}

interface DamagedLine {
  readonly at: number
  readonly text: string
}

/**
 * The highest number that an event among these lines may have had: nobody is to read another one under it. Damage can
 * make one line of many and many of one.
 */
function highestLost(before: number, lines: readonly DamagedLine[]): number {
  if (lines.length === 0) return before
  const text = lines.map((line) => line.text).join('\n')
  const room = before + Math.max(lines.length, Math.ceil(text.length / MIN_LINE_BYTES))
  const numbers = [...text.matchAll(/"seq": (\d+)/g)].map(([, seq]) => Number(seq))
  const plausible = numbers.filter((seq) => seq > before && seq <= room)
  return plausible.length > 0 ? Math.max(before + lines.length, ...plausible) : room
}

interface FinalPiece {
  readonly keptBytes: number
  readonly lacksLineEnd: boolean
  readonly isTorn: boolean
  linesFromEnd(startsAtLine: boolean): Generator<DamagedLine>
}

/** What stands behind the last line end: nothing, if the last write was not interrupted. */
function readFinalPiece(run: RunClock, bytes: Buffer): FinalPiece {
  const start = bytes.lastIndexOf(LINE_END) + 1
  const piece = bytes.toString('utf8', start)
  const kept = keptOfPiece(run, bytes, start, piece)
  const keptBytes = start + kept
  return {
    keptBytes,
    lacksLineEnd: kept > 0,
    isTorn: kept === 0 && piece !== '',
    linesFromEnd: (startsAtLine) => linesFromEnd(bytes, keptBytes, kept > 0, startsAtLine),
  }
}

function keptOfPiece(run: RunClock, bytes: Buffer, start: number, piece: string): number {
  if (piece === '') return 0
  // Only the line end is missing, or is another byte now.
  if (readRunLine(run, piece)) return bytes.length - start
  if (readRunLine(run, bytes.toString('utf8', start, bytes.length - 1))) return bytes.length - 1 - start
  return isTornLine(piece) ? 0 : bytes.length - start
}

/**
 * Whether it is the beginning of one line, as an interrupted write leaves it. Anything else is damage: there may have
 * been events in it that were read.
 */
function isTornLine(piece: string): boolean {
  const begins = LINE_BEGINNING.startsWith(piece.slice(0, LINE_BEGINNING.length))
  return begins && !WHOLE_LINE.test(piece) && !hasControlCharacters(piece)
}

function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true
  return false
}

function* linesFromEnd(
  bytes: Buffer,
  endAt: number,
  lacksLineEnd: boolean,
  startsAtLine: boolean,
): Generator<DamagedLine> {
  for (let lineEnd = lacksLineEnd ? endAt : endAt - 1; lineEnd > 0; ) {
    const before = bytes.lastIndexOf(LINE_END, lineEnd - 1)
    if (before < 0 && !startsAtLine) return
    yield { at: before + 1, text: bytes.toString('utf8', before + 1, lineEnd) }
    lineEnd = before
  }
}
