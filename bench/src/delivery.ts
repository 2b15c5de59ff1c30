/**
 * `npm run bench:delivery`: durable runs over HTTP, from the agent's `yield` to the reader's bytes. Server and readers
 * are two processes on one machine; the figures are of both.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { createRedisServer } from '../../packages/server/test/log/redis/redis-server.ts'

const RUNS = 64
const TOKENS = 2000
const BEATS = 100
const SERVER = fileURLToPath(new URL('delivery-server.ts', import.meta.url))

const { values } = parseArgs({
  options: {
    store: { type: 'string', multiple: true, default: ['memory', 'file', 'redis'] },
    rounds: { type: 'string', default: '3' },
  },
})

interface Reader {
  readonly url: string
  readonly ended: Promise<number>
  readonly request: ClientRequest
}

/** Follows an answer; hands on its chunks, and resolves with the number of its events. */
function read(method: string, url: string, body: unknown, onChunk: (text: string) => void): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { 'Content-Type': 'application/json' }, agent: false })
    asked.on('error', reject).on('response', (response) => {
      let events = 0
      response.setEncoding('utf8').on('data', (text: string) => {
        events += text.split('\nevent: ').length - 1
        onChunk(text)
      })
      const ended = once(response, 'end').then(() => events)
      resolve({ url: response.headers['content-location'] as string, ended, request: asked })
    })
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Events a second, of runs that write as fast as they can, one reader each. */
async function throughput(base: string): Promise<number> {
  const startedMs = performance.now()
  const readers = await Promise.all(
    Array.from({ length: RUNS }, () => read('POST', `${base}/runs`, { tokens: TOKENS }, () => undefined)),
  )
  const events = (await Promise.all(readers.map((reader) => reader.ended))).reduce((a, b) => a + b, 0)
  return events / ((performance.now() - startedMs) / 1000)
}

/** Milliseconds from `yield` to each of `count` readers of one run. */
async function latencies(base: string, count: number, gapMs: number): Promise<number[]> {
  const times: number[] = []
  const note = (text: string) => {
    const now = process.hrtime.bigint()
    for (const [, ns] of text.matchAll(/"value": ?"(\d+)"/g))
      times.push(Number(now - BigInt(ns as string)) / 1e6)
  }
  const first = await read('POST', `${base}/runs`, { beats: BEATS, gapMs }, note)
  const others: Reader[] = []
  for (let n = 1; n < count; n++) others.push(await read('GET', base + first.url, undefined, note))
  await Promise.all([first, ...others].map((reader) => reader.ended))
  // Those that joined late were given the beats that they had missed at once: not what is asked here.
  return times.filter((ms) => ms < gapMs * BEATS * 2).sort((a, b) => a - b)
}

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number).toFixed(1)

async function measureStore(store: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-stream-bench-'))
  const redis = createRedisServer()
  // Redis' own default for its append-only file.
  if (store === 'redis') await redis.start('--appendfsync', 'everysec')
  const place = store === 'redis' ? redis.socketPath : join(folder, 'log')
  const child = spawn(process.execPath, [SERVER, store, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const base = `http://127.0.0.1:${port}`
    const rates: number[] = []
    for (let round = 0; round < Number(values.rounds) + 1; round++) rates.push(await throughput(base))
    const best = rates.slice(1).sort((a, b) => a - b)
    console.log(`${store.padEnd(8)} events/s ${best.map((rate) => Math.round(rate)).join(' ')}`)
    for (const [readers, gapMs] of [
      [1, 10],
      [1000, 200],
    ] as const) {
      const sorted = await latencies(base, readers, gapMs)
      console.log(
        `${store.padEnd(8)} yield to reader, ${readers} readers: p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms`,
      )
    }
  } finally {
    child.kill('SIGKILL')
    await sleep(100)
    await redis.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const store of values.store) await measureStore(store)
