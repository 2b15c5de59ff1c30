// Packs every package as it would be published, and has publint and attw look at the tarballs.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const filters = ['--filter', './packages/*', '--filter', './test-harness']
const folder = mkdtempSync(join(tmpdir(), 'agent-stream-packages-'))
try {
  run('npx', [
    '-y',
    '--prefer-offline',
    'pnpm@12.21.0',
    '-r',
    ...filters,
    'pack',
    '--pack-destination',
    folder,
  ])
  for (const tarball of globSync('*.tgz', { cwd: folder }).sort()) {
    run('publint', [join(folder, tarball), '--strict'])
    run('attw', [join(folder, tarball), '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'])
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return
  console.error(`${program} ${args.join(' ')}\n${stdout}${stderr}`)
  process.exitCode = 1
}
