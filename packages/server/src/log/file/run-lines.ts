import { crc32 } from 'node:zlib'
import {
  eventLine,
  eventLineOf,
  hasValidChecksum,
  headerLine,
  SESSION_END,
  withChecksum,
} from '@agent-stream/protocol'

import type { LogEvent, RunEnd } from '../event-log.ts'
import type { RunRecord } from '../run-store.ts'

/** The lines of a run's file: a recording of one session (spec, section 7), each line with its line end. */

const INPUT = ', "input": '
const CHECKSUM = /^, "crc": "[0-9a-f]{8}"\}$/
const CHECKSUM_CHARS = ', "crc": "00000000"}'.length
const EVENT_HEAD = /^\{"t": ([^,]+), "event": ("(?:[^"\\]|\\.)*"), "data": /
const EVENT_TAIL =
  /, "sid": "([0-9a-f]{32})", "seq": (\d+)(?:, "outcome": ("(?:[^"\\]|\\.)*"))?, "crc": "[^"]*"\}$/

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

/** The line as it is written: with its checksum and its line end. */
export function logLine(line: string): string {
  return `${withChecksum(line, checksum)}\n`
}

/** Whether the line is as it was written: recordings may do without checksums, logs may not. */
export function isWhole(line: string): boolean {
  return CHECKSUM.test(line.slice(-CHECKSUM_CHARS)) && hasValidChecksum(line, checksum)
}

export interface RunClock {
  readonly runId: string
  readonly startedMs: number
}

export function runHeader(record: RunRecord): string {
  const { runId, owner, startedAt, input, idempotencyKey, bodyHash } = record
  const metadata = {
    owner,
    ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
    body_hash: bodyHash,
  }
  const line = headerLine({ session: runId, startedAt, metadata })
  // As it is: parsed and written again, a number may be another. Line ends mean nothing between JSON's tokens.
  return logLine(`${line.slice(0, -1)}${INPUT}${input.replace(/[\r\n]/g, ' ')}}`)
}

/** The record of a header line, or `undefined` if it is none. */
export function readHeader(line: string, runId: string): RunRecord | undefined {
  const fields = isWhole(line) && parseObject(line)
  if (!fields || fields.session !== runId) return undefined
  const { owner, started_at: startedAt, idempotency_key: idempotencyKey, body_hash: bodyHash } = fields
  const input = line.indexOf(INPUT)
  if (typeof owner !== 'string' || typeof startedAt !== 'string' || typeof bodyHash !== 'string')
    return undefined
  if (Number.isNaN(Date.parse(startedAt)) || input < 0) return undefined
  return {
    runId,
    owner,
    startedAt,
    input: line.slice(input + INPUT.length, -CHECKSUM_CHARS),
    ...(typeof idempotencyKey === 'string' && { idempotencyKey }),
    bodyHash,
  }
}

const secondsOf = (atMs: number, startedMs: number): number => Math.max(0, atMs - startedMs) / 1000

/** `outcome`: of the run that this event ends. */
export function runEvent({ runId, startedMs }: RunClock, event: LogEvent, outcome?: string): string {
  const { seq, atMs, event: name, data } = event
  const t = secondsOf(atMs, startedMs)
  return logLine(
    eventLineOf({ t, event: name, sid: runId, seq, ...(outcome !== undefined && { outcome }) }, data),
  )
}

export function runEnd(
  { runId, startedMs }: RunClock,
  { atMs, outcome }: RunEnd,
  isSettled: boolean,
): string {
  const data = { status: 'complete', outcome, ...(isSettled && { settled: true }) }
  return logLine(eventLine({ t: secondsOf(atMs, startedMs), event: SESSION_END, data, sid: runId }))
}

export type RunLine =
  | { readonly type: 'event'; readonly event: LogEvent; readonly outcome?: string }
  | { readonly type: 'end'; readonly end: RunEnd; readonly isSettled: boolean }

/** What a line behind the header says; `undefined` if it is damaged or none of this run's. */
export function readRunLine({ runId, startedMs }: RunClock, line: string): RunLine | undefined {
  if (!isWhole(line)) return undefined
  const head = EVENT_HEAD.exec(line)
  const tail = EVENT_TAIL.exec(line)
  if (!head || !tail) return readEnd(runId, startedMs, line)
  const [, sid, seq, outcome] = tail
  if (sid !== runId) return undefined
  const event: LogEvent = {
    seq: Number(seq),
    atMs: startedMs + Math.round(Number(head[1]) * 1000),
    event: JSON.parse(head[2] as string) as string,
    data: line.slice(head[0].length, tail.index),
  }
  return { type: 'event', event, ...(outcome !== undefined && { outcome: JSON.parse(outcome) as string }) }
}

function readEnd(runId: string, startedMs: number, line: string): RunLine | undefined {
  const { t, event, data, sid } = parseObject(line) ?? {}
  if (event !== SESSION_END || sid !== runId || typeof t !== 'number') return undefined
  const { outcome, settled } = (data ?? {}) as { outcome?: unknown; settled?: unknown }
  if (typeof outcome !== 'string') return undefined
  return {
    type: 'end',
    end: { atMs: startedMs + Math.round(t * 1000), outcome },
    isSettled: settled === true,
  }
}

export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    // Not JSON: the caller reports the line.
    return undefined
  }
}
