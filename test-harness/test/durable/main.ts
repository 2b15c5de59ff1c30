// The long forms of the durability tests, run by hand:
//   npm run durable -- crashes --store file --rounds 300
//   npm run durable -- crashes --store redis --rounds 300
//   npm run durable -- cuts --count 10000
//   npm run durable -- cancels --count 200
//   npm run durable -- pause
//   npm run durable -- slow-readers
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fileLog } from '@agent-stream/server'

import { createRedisServer } from '../../../packages/server/test/log/redis/redis-server.ts'
import { cancelTimes } from './cancel-times.ts'
import { type CrashReport, crashLoop } from './crash-loop.ts'
import { pausedOwner } from './paused-owner.ts'
import { readerCuts } from './reader-cuts.ts'
import { slowReaders } from './slow-reader.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: 'string', default: 'file' },
    rounds: { type: 'string', default: '300' },
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const seed = Number(values.seed)
const count = Number(values.count)
const folder = await mkdtemp(join(tmpdir(), 'agent-stream-durable-'))
const redis = createRedisServer()

const tasks: Record<string, () => Promise<object>> = {
  crashes: async () => {
    const store = values.store === 'redis' ? 'redis' : 'file'
    if (store === 'redis') await redis.start()
    const place = store === 'redis' ? redis.socketPath : join(folder, 'log')
    return crashLoop({ store, place, seed, rounds: Number(values.rounds), onRound })
  },
  cuts: () => readerCuts({ log: fileLog(join(folder, 'log')), cuts: count, seed, tokens: 5000 }),
  cancels: async () => {
    await redis.start()
    const hinted = await cancelTimes(redis.socketPath, count)
    return { hinted, withoutHints: await cancelTimes(redis.socketPath, count, '--no-hints') }
  },
  'slow-readers': () => slowReaders(join(folder, 'log')),
  pause: async () => {
    await redis.start()
    return pausedOwner(redis.socketPath, 40_000)
  },
}

function onRound(round: number, { runs, eventsSeen, reconnects, faults, incomplete }: CrashReport): void {
  if (round % 10 > 0) return
  console.log(
    `${round} rounds: ${runs} runs, ${eventsSeen} events, ${reconnects} reconnects, ${incomplete.length} runs lost, ${faults.length} faults`,
  )
}

const task = tasks[positionals[0] ?? '']
if (!task) {
  console.error(`Expected one of ${Object.keys(tasks).join(', ')}; got ${positionals[0] ?? 'nothing'}`)
  process.exit(2)
}
console.log(`seed ${seed}`)
try {
  console.log(JSON.stringify(await task(), null, 2))
} finally {
  await redis.dispose()
  await sleep(100)
  await rm(folder, { recursive: true, force: true })
}
process.exit()
