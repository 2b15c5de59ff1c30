import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { runCommand, runUnprivileged } from './command.ts'
import { recordingOf, TWO_SESSIONS, temporaryFolder, V1 } from './recording-folder.ts'

const list = (path: string) => runCommand('replay', path, '--list', '--json')

/** How many sessions were listed, and what was said, without the file's name. */
async function outcomeOf(path: string) {
  const { stdout, stderr, exitCode } = await list(path)
  return {
    sessions: stdout.split('\n').length - 1,
    said: stderr.replaceAll(path, 'FILE').trimEnd().split('\n'),
    exitCode,
  }
}

describe('a file that is damaged', { timeout: 30_000 }, () => {
  it('is read without its torn tail', async () => {
    expect(await outcomeOf(recordingOf(TWO_SESSIONS, '{"t": 0.05, "eve'))).toEqual({
      sessions: 2,
      said: ['agent-stream: FILE: line 8 is cut off (its writer was interrupted); it was passed over'],
      exitCode: 1,
    })
  })

  it('is read without its foreign lines, with one message for each kind', async () => {
    const lines = ['warming up', ...TWO_SESSIONS, '{"level": "info"}', '[]', 'bye']
    expect(await outcomeOf(recordingOf(lines))).toEqual({
      sessions: 2,
      said: [
        'agent-stream: FILE: line 1 is not JSON, and 1 more like it; they were passed over',
        'agent-stream: FILE: line 9 is neither a session header ("session") nor an event ("t", "event"), and 1 more like it; they were passed over',
      ],
      exitCode: 1,
    })
  })

  it('is read without a line that is huge', async () => {
    const huge = V1.event(0, 'token', { text: 'x'.repeat(2 ** 24) })
    expect(await outcomeOf(recordingOf([...TWO_SESSIONS, huge, V1.header('s3')]))).toEqual({
      sessions: 3,
      said: ['agent-stream: FILE: line 8 is longer than 16 Mi characters; it was passed over'],
      exitCode: 1,
    })
  })

  it('is named when it is empty, or binary', async () => {
    const said = async (path: string) => (await outcomeOf(path)).said
    expect(await said(recordingOf([]))).toEqual(['agent-stream: FILE: empty: no session in it'])
    const binary = join(temporaryFolder(), 'image.jsonl')
    writeFileSync(binary, Buffer.from(Array.from({ length: 4096 }, (_, place) => (place * 7919) % 256)))
    expect(await outcomeOf(binary)).toEqual({
      sessions: 0,
      said: ['agent-stream: FILE: not a recording: line 1 is not JSON'],
      exitCode: 1,
    })
  })

  it('says nothing of what stands in it: that may be secret, or a command to the terminal', async () => {
    const { stderr } = await list(recordingOf(['sk-ant-secret \x1b[2J']))
    expect(stderr).not.toContain('sk-ant')
    expect(stderr).not.toContain('\x1b')
  })
})

describe('a path', { timeout: 30_000 }, () => {
  it('that does not exist is named', async () => {
    expect(await outcomeOf(join(temporaryFolder(), 'no.jsonl'))).toEqual({
      sessions: 0,
      said: ['agent-stream: FILE: no such file or folder'],
      exitCode: 1,
    })
  })

  it('to a folder without recordings is named', async () => {
    expect((await outcomeOf(temporaryFolder())).said).toEqual([
      'agent-stream: FILE: a folder without recordings (*.jsonl)',
    ])
  })

  it('that may not be read is named, and the rest of its folder is read', async () => {
    const dir = temporaryFolder()
    chmodSync(dir, 0o755)
    writeFileSync(join(dir, 'closed.jsonl'), V1.header('closed'), { mode: 0o000 })
    writeFileSync(join(dir, 'open.jsonl'), `${V1.header('open')}\n`, { mode: 0o644 })
    mkdirSync(join(dir, 'locked'), { mode: 0o000 })
    const { stdout, stderr, exitCode } = await runUnprivileged('replay', dir, '--list', '--json')
    const refused = ['closed.jsonl', 'locked'].map(
      (name) => `agent-stream: ${join(dir, name)}: no permission\n`,
    )
    expect(stderr.split(/(?<=\n)/).sort()).toEqual(refused)
    expect(JSON.parse(stdout).session).toBe('open')
    expect(exitCode).toBe(1)
  })
})
