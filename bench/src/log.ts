/**
 * `npm run bench:log`: what an event log takes in. Runs append at the same time, one event each on its way; an append
 * counts when it is committed.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileLog, memoryLog, type RunStore, redisLog } from '@agent-stream/server'
import { createClient } from 'redis'

import { createRedisServer } from '../../packages/server/test/log/redis/redis-server.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
})
const runs = Number(values.runs)
const measuredMs = Number(values.seconds) * 1000
const rounds = Number(values.rounds)
if (![runs, rounds].every((n) => Number.isSafeInteger(n) && n > 0) || !(measuredMs > 0)) {
  console.error('bench: --runs and --rounds take whole numbers from 1 on, --seconds a number above 0')
  process.exit(2)
}

/** With the rest of its line, about 275 bytes. */
const DATA = JSON.stringify({ text: 'x'.repeat(120) }).replace(':', ': ')
const LEASE_MS = 600_000

async function startRun(log: RunStore) {
  const record = {
    runId: randomBytes(16).toString('hex'),
    owner: 'bench',
    startedAt: new Date().toISOString(),
    input: 'null',
    bodyHash: '0'.repeat(64),
  }
  const { epoch } = await log.create(record, LEASE_MS)
  return { runId: record.runId, epoch: epoch as number }
}

interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

async function measureAppends(log: RunStore): Promise<Figures> {
  const started = await Promise.all(Array.from({ length: runs }, () => startRun(log)))
  const waitedMs: number[] = []
  const beganMs = performance.now()
  await Promise.all(
    started.map(async ({ runId, epoch }) => {
      for (let seq = 1, nowMs = performance.now(); nowMs - beganMs < measuredMs; seq++) {
        await log.append(runId, epoch, [{ seq, atMs: Date.now(), event: 'token', data: DATA }])
        const thenMs = performance.now()
        waitedMs.push(thenMs - nowMs)
        nowMs = thenMs
      }
    }),
  )
  const tookMs = performance.now() - beganMs
  waitedMs.sort((a, b) => a - b)
  const at = (share: number) => waitedMs[Math.floor(waitedMs.length * share)] as number
  return { perSecond: (waitedMs.length / tookMs) * 1000, p50Ms: at(0.5), p99Ms: at(0.99) }
}

async function inFolder(durability: 'fsync' | 'os'): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'agent-stream-bench-'))
  const log = fileLog(dir, { durability })
  try {
    return await measureAppends(log)
  } finally {
    await log.close()
    rmSync(dir, { recursive: true })
  }
}

async function inRedis(appendfsync: 'always' | 'everysec'): Promise<Figures> {
  const server = createRedisServer()
  try {
    await server.start('--appendfsync', appendfsync)
    const log = redisLog(createClient({ socket: { path: server.socketPath, tls: false } }))
    const figures = await measureAppends(log)
    await log.close()
    return figures
  } finally {
    await server.dispose()
  }
}

console.log(`Node ${process.version}, ${runs} runs, one event each on its way\n`)
console.log('log               appends/s   p50 ms   p99 ms')
for (let round = 0; round < rounds; round++) {
  for (const [name, measure] of Object.entries({
    'file, fsync': () => inFolder('fsync'),
    'file, os': () => inFolder('os'),
    'redis, always': () => inRedis('always'),
    'redis, everysec': () => inRedis('everysec'),
    memory: () => measureAppends(memoryLog()),
  })) {
    const { perSecond, p50Ms, p99Ms } = await measure()
    const figures = [
      perSecond.toFixed(0).padStart(9),
      p50Ms.toFixed(2).padStart(8),
      p99Ms.toFixed(2).padStart(8),
    ]
    console.log(`${name.padEnd(16)}  ${figures.join(' ')}`)
  }
}
