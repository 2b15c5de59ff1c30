/**
 * The long form of the crash loop: `pnpm run crash --store file --rounds 300 [--seed n]`. Exits with 1 if anything
 * that was acknowledged was lost, doubled or out of order.
 */
import { parseArgs } from 'node:util'

import { crashLoop } from './crash-loop.ts'

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'file' },
    rounds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const rounds = Number(values.rounds)
const seed = Number(values.seed)
console.log(`${values.store}: ${rounds} rounds, --seed ${seed}`)

const { acknowledged, problems } = await crashLoop({
  store: values.store,
  rounds,
  seed,
  onRound(round, history) {
    if (round % 10 > 0 && round < rounds) return
    console.log(
      `${round} kills, ${history.acknowledged} events acknowledged, ${history.problems.length} problems`,
    )
  },
})
for (const problem of problems.slice(0, 20)) console.log(problem)
console.log(`${acknowledged} events acknowledged; lost, doubled or out of order: ${problems.length}`)
process.exitCode = problems.length > 0 ? 1 : 0
