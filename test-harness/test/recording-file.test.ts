import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { loadRecording } from '../src/index.ts'

const recordings = join(import.meta.dirname, 'recordings')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-stream-recording-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

const token = (t: number, text: string, sid?: string) =>
  JSON.stringify({ t, event: 'token', data: { text }, ...(sid && { sid }) })

describe('loadRecording', () => {
  it('reads all sessions of a file, of both format versions, also where they interleave', () => {
    const path = file(
      'two.jsonl',
      '{"session": "a", "started_at": "2026-01-01T00:00:00Z", "t": 0, "v": 2}',
      '{"session": "b", "started_at": "2026-01-01T00:00:00Z", "t": 0}',
      token(0.1, 'A', 'a'),
      token(0.2, 'B'),
      token(0.3, 'A', 'a'),
    )
    const { sessions, problems } = loadRecording(path)
    expect(sessions.map(({ id, version, events }) => [id, version, events.length])).toEqual([
      ['a', 2, 2],
      ['b', 1, 1],
    ])
    expect(problems).toEqual([])
  })

  it('reads run logs, and keeps the numbers', () => {
    const { sessions, problems } = loadRecording(join(recordings, 'run-log.jsonl'))
    expect(sessions[0]?.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(problems).toEqual([])
  })

  it('joins the files of a rotated recording', () => {
    const header = (part: number) =>
      JSON.stringify({ session: 'a', started_at: '2026-01-01T00:00:00Z', t: 0, v: 2, part })
    const parts = [
      file('1.jsonl', header(1), token(0.1, 'Hel', 'a')),
      file('2.jsonl', header(2), token(0.2, 'lo', 'a')),
    ]
    const { sessions } = loadRecording(parts)
    expect(sessions.map(({ events }) => events.map(({ data }) => data))).toEqual([
      [{ text: 'Hel' }, { text: 'lo' }],
    ])
  })

  it('passes over what cannot be read, and says so', () => {
    const path = file('torn.jsonl', '{"session": "a", "started_at": ""}', '{"t": 0.1, "event"', token(1, 'B'))
    const { sessions, problems } = loadRecording(path)
    expect(sessions[0]?.events).toHaveLength(1)
    expect(problems.map(({ line, code }) => [line, code])).toEqual([[2, 'not_json']])
  })

  it('says which file it cannot read, and from where', () => {
    expect(() => loadRecording('no/such.jsonl')).toThrow(
      `loadRecording: cannot read no/such.jsonl in ${process.cwd()} (ENOENT)`,
    )
    expect(() => loadRecording(folder)).toThrow('(EISDIR)')
    expect(() => loadRecording([])).toThrow('give at least one path')
  })
})
