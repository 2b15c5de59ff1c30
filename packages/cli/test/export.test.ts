import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseRecording } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { runCommand } from './command.ts'
import { corpusOf } from './corpus/corpus.ts'
import { recordingOf, TWO_SESSIONS, temporaryFolder } from './recording-folder.ts'

const INTERLEAVED = [
  '{"session": "a", "started_at": "2026-01-01T00:00:00Z", "t": 0, "v": 2, "user": "ada"}',
  '{"session": "b", "started_at": "2026-01-01T00:00:01Z", "t": 0, "v": 2}',
  '{"t": 0.1, "event": "token", "data": {"text": "A"}, "sid": "a", "seq": 1}',
  '{"t": 0.1, "event": "token", "data": {"text": "B"}, "sid": "b", "seq": 1}',
  '{"t": 0.2, "event": "done", "data": {}, "sid": "b", "seq": 2}',
  '{"t": 0.2, "event": "session_end", "data": {"status": "complete"}, "sid": "b"}',
  '{"t": 0.3, "event": "done", "data": {}, "sid": "a", "seq": 2}',
]

describe('agent-stream export --v1', { timeout: 30_000 }, () => {
  it('writes sessions that were under way together one after the other', async () => {
    const { stdout, exitCode } = await runCommand('export', recordingOf(INTERLEAVED), '--v1')
    expect(stdout).toBe(
      [
        '{"session": "b", "started_at": "2026-01-01T00:00:01Z", "t": 0}',
        '{"t": 0.1, "event": "token", "data": {"text": "B"}}',
        '{"t": 0.2, "event": "done", "data": {}}',
        '{"session": "a", "started_at": "2026-01-01T00:00:00Z", "t": 0}',
        '{"t": 0.1, "event": "token", "data": {"text": "A"}}',
        '{"t": 0.3, "event": "done", "data": {}}',
        '',
      ].join('\n'),
    )
    expect(exitCode).toBe(0)
  })

  it('leaves a recording of the original as it is', async () => {
    const { stdout } = await runCommand('export', recordingOf(TWO_SESSIONS), '--v1')
    expect(parseRecording(stdout)).toEqual(parseRecording(TWO_SESSIONS.join('\n')))
  })

  it('keeps every event of many sessions', async () => {
    const corpus = [...corpusOf({ sessions: 300, tokens: 20, seed: 2 })].join('')
    const path = join(temporaryFolder(), 'corpus.jsonl')
    writeFileSync(path, corpus)
    const { stdout } = await runCommand('export', path, '--v1')
    const plain = (text: string) =>
      parseRecording(text).sessions.map(({ id, events }) => [
        id,
        events.map(({ t, event, data }) => [t, event, data]),
      ])
    expect(plain(stdout)).toEqual(plain(corpus))
  })

  it('asks for the format', async () => {
    const { stderr, exitCode } = await runCommand('export', recordingOf(TWO_SESSIONS))
    expect(stderr).toContain("required option '--v1' not specified")
    expect(exitCode).toBe(2)
  })
})
