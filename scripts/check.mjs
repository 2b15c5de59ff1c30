// Every check of the workspace, the cheap ones first. The last line is `N passed, N failed`, of the tests.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { requireNode } from './node-version.mjs'
import { runTests } from './run-tests.mjs'
import { tallyLine } from './tally.mjs'

const steps = ['build', 'typecheck', 'lint', 'knip', 'pack:check', 'size']

requireNode()
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))

const broken = steps.filter((step) => !succeeds(step))
const tally = await runTests()
if (broken.length > 0) console.log(`\nfailed checks: ${broken.join(', ')}`)
console.log(`\n${tallyLine(tally)}`)
process.exitCode = broken.length > 0 || tally.failed > 0 ? 1 : 0

/** @param {string} step a script of the root package */
function succeeds(step) {
  const startedAt = Date.now()
  console.log(`\n── ${step}`)
  const { status } = spawnSync(scripts[step], { shell: true, stdio: 'inherit' })
  console.log(
    `── ${step}: ${status === 0 ? 'ok' : 'FAILED'}, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
  )
  return status === 0
}
