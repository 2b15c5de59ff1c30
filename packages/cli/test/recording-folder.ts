import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

/** An empty folder, removed after the test. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'agent-stream-cli-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A file of such lines, each with its line end; the last one may be cut off. */
export function recordingOf(lines: readonly string[], cutOff = ''): string {
  const path = join(temporaryFolder(), 'rec.jsonl')
  writeFileSync(path, lines.map((line) => `${line}\n`).join('') + cutOff)
  return path
}

/** As the original recorder writes them. */
export const V1 = {
  header: (id: string, startedAt = '2026-01-02T03:04:05.123456+00:00') =>
    `{"session": "${id}", "started_at": "${startedAt}", "t": 0}`,
  event: (t: number, event: string, data: object = {}) =>
    `{"t": ${t}, "event": "${event}", "data": ${JSON.stringify(data)}}`,
}

/** Two sessions of the original format. */
export const TWO_SESSIONS = [
  V1.header('s1'),
  V1.event(0.02, 'token', { text: 'Hello' }),
  V1.event(0.04, 'token', { text: ' you' }),
  V1.event(0.05, 'done'),
  V1.header('s2', '2026-01-02T03:05:05+00:00'),
  V1.event(0.01, 'error', { error_type: 'rate_limit', message: 'Slow down' }),
  V1.event(0.03, 'done', { is_error: true }),
]
