// Runs every test of the workspace once; the last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowser } from './ensure-browser.mjs'
import { requireNode } from './node-version.mjs'
import { tallyLine, tallyOf } from './tally.mjs'

/** Runs Vitest over all projects. @param {string[]} [args] further arguments of Vitest */
export async function runTests(args = []) {
  const browser = await ensureBrowser().catch((error) => console.error(error))
  if (!browser) return { passed: 0, failed: 1 }
  const folder = mkdtempSync(join(tmpdir(), 'agent-stream-tests-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const env = { ...process.env, CHROMIUM_PATH: browser }
    const { status } = spawnSync('vitest', ['run', ...reporters, ...args], { stdio: 'inherit', env })
    return tallyOf(status, readReport(report))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined // Vitest ended before it wrote one; its exit status tells why
  }
}

if (import.meta.main) {
  requireNode()
  const tally = await runTests(process.argv.slice(2))
  console.log(tallyLine(tally))
  process.exitCode = tally.failed ? 1 : 0
}
