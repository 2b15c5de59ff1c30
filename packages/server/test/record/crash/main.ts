/**
 * The long form: `pnpm run crash:recorder --rounds 20`. Exits with 1 if
 * anything but the last 50 ms of a session is missing.
 */
import { parseArgs } from 'node:util'

import { killedRecorder } from './killed-recorder.ts'

const MAX_LOST_MS = 50

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, sessions: { type: 'string', default: '1000' } },
})
const sessions = Number(values.sessions)
let failed = 0
for (let round = 1; round <= Number(values.rounds); round++) {
  const result = await killedRecorder(sessions, sessions + Math.floor(Math.random() * 30_000))
  const { passed, missing, lostMs, tornLines, problems } = result
  console.log(
    `${round}: ${result.sessions} sessions, ${passed} events passed, ${missing} missing, of the last ${lostMs} ms, torn lines: ${tornLines}`,
  )
  for (const problem of problems.slice(0, 5)) console.log(`   ${problem}`)
  if (problems.length > 0 || tornLines > 1 || lostMs > MAX_LOST_MS) failed++
}
console.log(`${values.rounds} kills, failed: ${failed}`)
process.exitCode = failed > 0 ? 1 : 0
