import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { startFakeProvider } from '../../cassette/test/migrate/fake-provider.ts'
import { resultOf } from './command.ts'

/** A block of commands, and what they print where the README shows it. */
interface Example {
  readonly commands: string
  readonly output: string | undefined
}

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const guide = readFileSync(join(import.meta.dirname, '../../../docs/migration.md'), 'utf8')

function examplesOf(document: string): readonly Example[] {
  return [...document.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```\n([\s\S]*?)^```\n)?/gm)]
    .map(([, commands = '', output]): Example => ({ commands, output }))
    .filter(({ commands }) => !commands.startsWith('npm install'))
}

const folder = mkdtempSync(join(tmpdir(), 'agent-stream-readme-'))
const servers: ChildProcess[] = []
const main = join(import.meta.dirname, '../src/main.ts')
writeFileSync(
  join(folder, 'agent-stream'),
  `#!/bin/sh\nexec "${process.execPath}" --conditions=agent-stream-source "${main}" "$@"\n`,
)
chmodSync(join(folder, 'agent-stream'), 0o755)

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return String(typeof address === 'object' ? address?.port : '')
}

const port = freePort()
const provider = startFakeProvider()

async function start(commands: string): Promise<ChildProcess> {
  // The README's port may be taken here.
  const script = commands
    .replaceAll('4000', await port)
    .replaceAll('http://127.0.0.1:8080/v1', (await provider).baseUrl)
  const env = { ...process.env, NO_COLOR: '1', CI: '', PATH: `${folder}${delimiter}${process.env.PATH}` }
  return spawn('bash', ['-c', script.includes('--serve') ? `exec ${script}` : script], { cwd: folder, env })
}

/** Until it says that it serves. */
async function serve(commands: string): Promise<void> {
  const child = await start(commands)
  servers.push(child)
  for await (const chunk of child.stderr as AsyncIterable<Buffer>)
    if (String(chunk).includes('serving')) return
  expect.fail('it did not serve')
}

describe('the documents', { timeout: 60_000 }, () => {
  afterAll(async () => {
    await (await provider).close()
    for (const server of servers) server.kill()
    rmSync(folder, { recursive: true })
  })

  // One after the other, in one folder, as a reader would try them.
  it.each([...examplesOf(readme), ...examplesOf(guide)])(
    'say what happens: $commands',
    async ({ commands, output }) => {
      if (commands.includes('--serve')) return serve(commands)
      const { stdout, stderr, exitCode } = await resultOf(await start(commands))
      if (output !== undefined) expect(stdout).toBe(output)
      const isUnsure = commands.includes('# exits with 1 unless')
      const expected = isUnsure ? [0, 1] : commands.includes('# exits with 1') ? [1] : [0]
      expect(expected, stderr).toContain(exitCode)
    },
  )

  it('name every command', () => {
    const commands = readFileSync(join(import.meta.dirname, '../src/program.ts'), 'utf8').matchAll(
      / add\('(\w+)'/g,
    )
    for (const [, command = ''] of commands) expect(readme).toContain(`agent-stream ${command} `)
  })
})
