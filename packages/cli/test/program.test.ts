import { describe, expect, it } from 'vitest'

import manifest from '../package.json' with { type: 'json' }
import { runCommand } from './command.ts'

const COMMANDS = [
  'replay',
  'record',
  'diff',
  'stats',
  'query',
  'test',
  'gen',
  'export',
  'doctor',
  'migrate',
  'report',
  'annotate',
  'import',
  'profiles',
]

describe('agent-stream', { timeout: 30_000 }, () => {
  it('shows its commands when it is told none, as a mistake', async () => {
    const { stdout, stderr, exitCode } = await runCommand()
    for (const command of COMMANDS) expect(stderr).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })

  it('says its version', async () => {
    expect((await runCommand('--version')).stdout).toBe(`${manifest.version}\n`)
  })

  it.each(COMMANDS)('explains %s, with examples', async (command) => {
    const { stdout, stderr, exitCode } = await runCommand(command, '--help')
    expect(stdout).toContain(`Usage: agent-stream ${command}`)
    expect(stdout).toMatch(new RegExp(`Examples?:\n(?:.*\n)*? {2}(?:.* \\| )?agent-stream ${command} `))
    expect(stdout).not.toMatch(/undefined|default: null|.{121,}/)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it.each([
    [['replya'], "unknown command 'replya'"],
    [['replay'], "missing required argument 'file'"],
    [['stats', 'x', '--jsn'], "unknown option '--jsn'"],
    [['replay', 'x', '--session', 'a', '--index', '1'], 'cannot be used with option'],
  ])('refuses %j', async (args, said) => {
    const { stderr, exitCode } = await runCommand(...args)
    expect(stderr).toContain(said)
    expect(exitCode).toBe(2)
  })
})
