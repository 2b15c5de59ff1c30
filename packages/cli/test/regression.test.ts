import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { runCommand } from './command.ts'
import { recordingOf, TWO_SESSIONS, temporaryFolder, V1 } from './recording-folder.ts'

const root = join(import.meta.dirname, '../../..')
const KEY = `sk-ant-api03-${'a1B2'.repeat(20)}`

describe('agent-stream test', { timeout: 60_000 }, () => {
  it('checks every session, and writes how each ends', async () => {
    const file = recordingOf(TWO_SESSIONS)
    const { stderr, exitCode } = await runCommand('test', file)
    expect({ stderr, exitCode }).toEqual({ stderr: '2 passed, 0 failed\n', exitCode: 0 })
    const { sessions } = JSON.parse(readFileSync(file.replace('.jsonl', '.expected.json'), 'utf8'))
    expect(sessions).toMatchObject({
      s1: { text: 'Hello you', outcome: 'complete' },
      s2: { outcome: 'failed' },
    })
  })

  it('fails when a session ends in another state, until that is what is expected', async () => {
    const file = recordingOf(TWO_SESSIONS)
    await runCommand('test', file)
    writeFileSync(file, TWO_SESSIONS.join('\n').replace('Hello', 'Good day,'))
    const { stdout, stderr, exitCode } = await runCommand('test', file)
    expect(stdout).toContain(
      `${file}, session s1\n  it ends in the expected state: text is "Good day, you" instead of "Hello you"\n`,
    )
    expect({ stderr, exitCode }).toEqual({ stderr: '1 passed, 1 failed\n', exitCode: 1 })
    await runCommand('test', file, '--update')
    expect((await runCommand('test', file)).exitCode).toBe(0)
  })

  it('leaves expected states alone with faults, and where it is told to', async () => {
    const file = recordingOf(TWO_SESSIONS)
    await runCommand('test', file, '--fault', 'cut:1')
    await runCommand('test', file, '--no-expected')
    expect(readdirSync(join(file, '..'))).toEqual(['rec.jsonl'])
  })

  it('says it as JSON, a session a line', async () => {
    const file = recordingOf(TWO_SESSIONS)
    const { stdout } = await runCommand('test', file, '--json')
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { file, session: 's1', passed: true, violations: [] },
      { file, session: 's2', passed: true, violations: [] },
    ])
  })

  it('fails for what is no recording', async () => {
    expect((await runCommand('test', recordingOf(['noise']))).exitCode).toBe(1)
  })
})

/** A folder in which tests find what a project has installed. */
function project(): string {
  const dir = temporaryFolder()
  mkdirSync(join(dir, 'node_modules/@agent-stream'), { recursive: true })
  symlinkSync(join(root, 'test-harness'), join(dir, 'node_modules/@agent-stream/test-harness'))
  symlinkSync(join(root, 'node_modules/vitest'), join(dir, 'node_modules/vitest'))
  const conditions = "['agent-stream-source', 'node', 'module', 'development|production']"
  writeFileSync(
    join(dir, 'vitest.config.mjs'),
    `export default { resolve: { conditions: ${conditions} }, ssr: { resolve: { conditions: ${conditions} } } }\n`,
  )
  return dir
}

describe('agent-stream gen', { timeout: 60_000 }, () => {
  it('writes a fixture, its expected state and a test that passes', async () => {
    const dir = project()
    const out = join(dir, 'recordings')
    const { stdout, exitCode } = await runCommand(
      'gen',
      recordingOf(TWO_SESSIONS),
      '--session',
      's1',
      '--out',
      out,
    )
    const files = ['s1.jsonl', 's1.expected.json', 's1.test.ts'].map((name) => join(out, name))
    expect(stdout).toBe(files.map((file) => `${file}\n`).join(''))
    expect(exitCode).toBe(0)
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', dir]
    const { stdout: report } = await promisify(execFile)(process.execPath, vitest, {
      env: { ...process.env, CI: '1', NO_COLOR: '1' },
    })
    expect(report).toMatch(/Tests +7 passed \(7\)/)
  })

  it('redacts secrets, unless it is told not to', async () => {
    const file = recordingOf([
      V1.header('a'),
      V1.event(0, 'token', { text: KEY.slice(0, 30) }),
      V1.event(1, 'token', { text: KEY.slice(30) }),
    ])
    const [scrubbed, plain] = [temporaryFolder(), temporaryFolder()]
    await runCommand('gen', file, '--out', scrubbed)
    await runCommand('gen', file, '--out', plain, '--no-scrub')
    for (const name of ['a.jsonl', 'a.expected.json'])
      expect(readFileSync(join(scrubbed, name), 'utf8')).not.toContain(KEY.slice(30))
    expect(readFileSync(join(plain, 'a.jsonl'), 'utf8')).toContain(KEY.slice(30))
  })

  it('replaces nothing, unless it is told to', async () => {
    const file = recordingOf(TWO_SESSIONS)
    const out = temporaryFolder()
    await runCommand('gen', file, '--out', out)
    const again = await runCommand('gen', file, '--out', out)
    expect(again.stderr).toBe(`agent-stream: ${join(out, 's2.jsonl')}: exists already; --force replaces it\n`)
    expect(again.exitCode).toBe(1)
    expect((await runCommand('gen', file, '--out', out, '--force')).exitCode).toBe(0)
  })

  it('writes into the folder and nowhere else, whatever the id', async () => {
    const out = temporaryFolder()
    const { stdout } = await runCommand(
      'gen',
      recordingOf([V1.header('../../etc/x'), V1.event(0, 'done')]),
      '--out',
      out,
    )
    expect(stdout.split('\n')[0]).toBe(join(out, '-etc-x.jsonl'))
  })
})
