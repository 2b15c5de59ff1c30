import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createSseReader } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { resultOf, runCommand, startCommand } from './command.ts'
import { recordingOf, TWO_SESSIONS, temporaryFolder, V1 } from './recording-folder.ts'

const replay = (...args: string[]) => runCommand('replay', ...args)

/** The names of the events in SSE text. */
function eventsOf(text: string): string[] {
  const names: string[] = []
  createSseReader({ onMessage: ({ event = 'message' }) => names.push(event) }).feed(text)
  return names
}

describe('agent-stream replay', { timeout: 30_000 }, () => {
  it('writes the last session as SSE', async () => {
    const { stdout, stderr, exitCode } = await replay(recordingOf(TWO_SESSIONS))
    expect(stdout).toBe(
      'event: error\ndata: {"error_type":"rate_limit","message":"Slow down"}\n\n' +
        'event: done\ndata: {"is_error":true}\n\n',
    )
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it('writes the session that is asked for, by place or by id', async () => {
    const file = recordingOf(TWO_SESSIONS)
    for (const choice of [
      ['--index', '1'],
      ['--session', 's1'],
    ]) {
      const { stdout } = await replay(file, ...choice, '--speed', '0')
      expect(eventsOf(stdout)).toEqual(['token', 'token', 'done'])
    }
  })

  it('writes numbers where the recording has them', async () => {
    const file = recordingOf([
      '{"session": "a", "started_at": "", "t": 0, "v": 2}',
      '{"t": 0, "event": "run_started", "data": {"run_id": "r"}, "sid": "a", "seq": 1}',
    ])
    expect((await replay(file)).stdout).toBe('id: 1\nevent: run_started\ndata: {"run_id":"r"}\n\n')
  })

  it('writes a message for each event, whatever its name and its data hold', async () => {
    const file = recordingOf([
      V1.header('a'),
      '{"t": 0, "event": "two\\nlines", "data": null}',
      V1.event(0, 'token', { text: 'a\nb\r\n\n\u2028' }),
    ])
    const { stdout } = await replay(file)
    expect(eventsOf(stdout)).toEqual(['two lines', 'token'])
  })

  it('writes only the events that are asked for', async () => {
    const { stdout } = await replay(recordingOf(TWO_SESSIONS), '--index', '1', '--grep', 'done,error')
    expect(eventsOf(stdout)).toEqual(['done'])
  })

  it('lists the sessions in the original’s table', async () => {
    const { stdout, exitCode } = await replay(recordingOf(TWO_SESSIONS), '--list')
    expect(stdout).toBe(
      [
        'SESSION  STARTED              EVENTS  DURATION  TYPES',
        's1       2026-01-02T03:04:05       3      0.1s  token, done',
        's2       2026-01-02T03:05:05       2      0.0s  error, done',
        '',
      ].join('\n'),
    )
    expect(exitCode).toBe(0)
  })

  it('lists the sessions that have an event, also as JSON', async () => {
    const file = recordingOf(TWO_SESSIONS)
    const { stdout } = await replay(file, '--list', '--json', '--grep', 'error')
    expect(JSON.parse(stdout)).toEqual({
      session: 's2',
      started_at: '2026-01-02T03:05:05+00:00',
      events: 2,
      duration_ms: 30,
      types: ['error', 'done'],
      file,
    })
  })

  it('reads a folder in the order of its numbers, and leaves control files out', async () => {
    const dir = temporaryFolder()
    mkdirSync(join(dir, 'deep'))
    for (const name of ['rec.10', 'rec.2', 'deep/rec.1', 'rec.3.control'])
      writeFileSync(join(dir, `${name}.jsonl`), `${V1.header(name)}\n`)
    const { stdout } = await replay(dir, '--list', '--json')
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).session)
    expect(ids).toEqual(['deep/rec.1', 'rec.2', 'rec.10'])
  })

  it.each([
    ['--speed', '-1', 'number from 0 on'],
    ['--speed', 'fast', 'number from 0 on'],
    ['--speed', '', 'number from 0 on'],
    ['--max-gap', 'NaN', 'number from 0 on'],
    ['--index', '0', 'whole number from 1 on'],
    ['--serve', '70000', 'whole number from 0 to 65535'],
  ])('refuses %s %s', async (option, value, wanted) => {
    const { stdout, stderr, exitCode } = await replay(recordingOf(TWO_SESSIONS), option, value)
    expect(stderr).toContain(`Expected a ${wanted}`)
    expect(stderr).toContain(`got "${value}"`)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })

  it('says which sessions there are when there is no such one', async () => {
    const file = recordingOf(TWO_SESSIONS)
    const { stderr, exitCode } = await replay(file, '--session', 's9')
    expect({ stderr, exitCode }).toEqual({
      stderr: `agent-stream: ${file}: no session "s9" among its 2; --list shows them\n`,
      exitCode: 1,
    })
  })

  // Again, should the machine have been busy with something else.
  it('is within 5 ms of the recorded times', { retry: 3 }, async () => {
    const times = Array.from({ length: 200 }, (_, place) => place * 0.01)
    const child = startCommand(
      'replay',
      recordingOf([V1.header('a'), ...times.map((t) => V1.event(t, 'turn'))]),
    )
    const arrivals: number[] = []
    child.stdout?.on('data', (chunk: Buffer) => {
      for (const _ of eventsOf(String(chunk))) arrivals.push(performance.now())
    })
    await resultOf(child)
    expect(arrivals).toHaveLength(times.length)
    const startedAt = arrivals[0] as number
    const errors = arrivals.map((at, place) => Math.abs(at - startedAt - (times[place] as number) * 1000))
    expect(errors.sort((a, b) => a - b)[Math.floor(errors.length * 0.95)]).toBeLessThan(5)
  })

  it('ends quietly when its reader has had enough', async () => {
    const events = Array.from({ length: 20_000 }, () => V1.event(0, 'token', { text: 'x'.repeat(100) }))
    const child = startCommand('replay', recordingOf([V1.header('a'), ...events]))
    child.stdout?.once('data', () => child.stdout?.destroy())
    expect(await resultOf(child)).toMatchObject({ stderr: '', exitCode: 0 })
  })

  it('ends by Ctrl-C without a word', async () => {
    const child = startCommand(
      'replay',
      recordingOf([V1.header('a'), V1.event(0, 'turn'), V1.event(60, 'turn')]),
    )
    child.stdout?.once('data', () => child.kill('SIGINT'))
    expect(await resultOf(child)).toMatchObject({ stderr: '', exitCode: null })
    expect(child.signalCode).toBe('SIGINT')
  })
})
