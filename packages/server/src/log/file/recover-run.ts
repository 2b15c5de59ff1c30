import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'

import type { RunEnd } from '../event-log.ts'
import type { RunRecord } from '../run-store.ts'
import type { LogDamage } from './log-damage.ts'
import { readHeader } from './run-lines.ts'
import { type RunTail, readRunTail } from './run-tail.ts'

/** What a run's file says at the opening of its folder: its first line and its last ones. */
export interface RecoveredRun {
  readonly record: RunRecord
  readonly headerBytes: number
  readonly sizeBytes: number
  readonly last: number
  readonly end?: RunEnd
  readonly isSettled: boolean
  /** What the file lacks before anything can be added. */
  readonly repair: string
}

export interface RecoverOptions {
  readonly path: string
  readonly runId: string
  /** Whether what is served must be on the disk. */
  readonly isSynced: boolean
  readonly onDamage: (damage: LogDamage) => void
}

const HEAD_BYTES = 4096
const TAIL_BYTES = 16_384

/** Cuts off a torn tail. `undefined` for a run that cannot be served. */
export function recoverRun({ path, runId, isSynced, onDamage }: RecoverOptions): RecoveredRun | undefined {
  const fd = openSync(path, 'r+')
  try {
    const sizeBytes = fstatSync(fd).size
    const header = readFirstLine(fd, sizeBytes)
    const record = readHeader(header.text, runId)
    if (!record) {
      onDamage({ file: path, offset: 0, problem: 'unreadable_header' })
      return undefined
    }
    const run = { runId, startedMs: Date.parse(record.startedAt) }
    const { tail, at } = readTail(run, fd, header.bytes, sizeBytes)
    const { last, end, isSettled, lacksLineEnd } = tail
    const keptBytes = at + tail.keptBytes
    if (tail.isTorn) onDamage({ file: path, offset: keptBytes, problem: 'torn_tail' })
    for (const offset of tail.damagedAt) {
      onDamage({ file: path, offset: at + offset, problem: 'unreadable_line' })
    }
    if (keptBytes < sizeBytes) ftruncateSync(fd, keptBytes)
    // A process that died may have left what no disk has yet.
    if (isSynced && !isSettled) fdatasyncSync(fd)
    const repair = header.lacksLineEnd || lacksLineEnd ? '\n' : ''
    return {
      record,
      headerBytes: header.bytes,
      sizeBytes: keptBytes,
      last,
      ...(end && { end }),
      isSettled,
      repair,
    }
  } finally {
    closeSync(fd)
  }
}

interface FirstLine {
  readonly text: string
  readonly bytes: number
  readonly lacksLineEnd: boolean
}

function readFirstLine(fd: number, sizeBytes: number): FirstLine {
  for (let length = HEAD_BYTES; ; length *= 4) {
    const head = readAt(fd, 0, Math.min(length, sizeBytes))
    const lineEnd = head.indexOf('\n')
    if (lineEnd >= 0)
      return { text: head.toString('utf8', 0, lineEnd), bytes: lineEnd + 1, lacksLineEnd: false }
    if (length >= sizeBytes) return { text: head.toString(), bytes: sizeBytes, lacksLineEnd: true }
  }
}

function readTail(
  run: { readonly runId: string; readonly startedMs: number },
  fd: number,
  headerBytes: number,
  sizeBytes: number,
): { readonly tail: RunTail; readonly at: number } {
  for (let length = TAIL_BYTES; ; length *= 4) {
    const at = Math.max(headerBytes, sizeBytes - length)
    const tail = readRunTail(run, { bytes: readAt(fd, at, sizeBytes - at), startsAtLine: at === headerBytes })
    if (tail) return { tail, at }
  }
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const count = readSync(fd, bytes, read, length - read, position + read)
    if (count === 0) break
    read += count
  }
  return bytes.subarray(0, read)
}
