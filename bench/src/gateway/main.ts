/**
 * `npm run bench:gateway`: what is added to each piece of a stream by the gateway, recording, beside nginx as a plain
 * reverse proxy and a direct connection in the same run, at 1 and at 200 streams at a time; then resident memory under
 * load (`--minutes 10` for a long look). `--long`: clients that do not read for 30 s, and one stream of ten minutes with
 * silences of 30 s. API, proxies and readers are processes on one machine, and share its cores.
 */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { startNginx } from '../../../packages/gateway/test/support/nginx.ts'
import { type Child, startChild } from './child.ts'
import { latenciesOf, quantile } from './read-streams.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '10' },
    messages: { type: 'string', default: '100' },
    gap: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '0.5' },
    long: { type: 'boolean', default: false },
  },
})
const { rounds, seconds, messages, gap, minutes } = values
if (![rounds, seconds, messages, gap, minutes].every((value) => Number(value) > 0)) {
  console.error('bench: --rounds, --seconds, --messages, --gap and --minutes take numbers above 0')
  process.exit(2)
}
const path = `/v1/chat/completions?messages=${messages}&gapMs=${gap}&spread=0.5`

/** A round of the contestants in turn, so that whatever else the machine does falls on all of them alike. */
async function compare(ways: Readonly<Record<string, string>>, streams: number): Promise<void> {
  const latencies = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[]]))
  // The first round is for all to get warm.
  for (let round = 0; round <= Number(rounds); round++) {
    for (const [name, url] of Object.entries(ways)) {
      const measured = await latenciesOf(url + path, { streams, ms: Number(seconds) * 1000 })
      if (round > 0) for (const latency of measured) latencies[name]?.push(latency)
    }
  }
  console.log(`\n${streams} streams at a time, a message each ${gap} ms; ms from API to reader`)
  console.log('           messages      p50      p90      p99      max')
  for (const [name, all] of Object.entries(latencies)) {
    all.sort((a, b) => a - b)
    const figures = [0.5, 0.9, 0.99, 1].map((share) => quantile(all, share).toFixed(3).padStart(8))
    console.log(`${name.padEnd(9)} ${String(all.length).padStart(9)} ${figures.join(' ')}`)
  }
}

async function memory(gateway: Child, url: string): Promise<void> {
  console.log(`\n100 streams at a time through the gateway for ${minutes} min`)
  const endMs = performance.now() + Number(minutes) * 60_000
  const load = latenciesOf(url + path, { streams: 100, ms: Number(minutes) * 60_000 })
  const stepMs = (Number(minutes) * 60_000) / 20
  for (let atMs = performance.now(); atMs + stepMs <= endMs + 1; atMs += stepMs) {
    await sleep(stepMs)
    console.log(await gateway.ask())
  }
  const all = await load
  console.log(`${all.length} messages, p99 ${quantile(all, 0.99).toFixed(3)} ms; ${await gateway.ask()}`)
}

/** Ten minutes, of which nine and a half are silence. */
async function long(ways: Readonly<Record<string, string>>): Promise<void> {
  console.log('\none stream of ten minutes, silent for 30 s twenty times')
  const gaps = [...Array.from({ length: 9 }, () => 50), 30_000].join(',')
  const latencies = await latenciesOf(`${ways.gateway}/v1/chat/completions?messages=200&gapMs=${gaps}`, {
    streams: 1,
    ms: 0,
  })
  console.log(`${latencies.length} of 200 messages, the latest after ${quantile(latencies, 1).toFixed(1)} ms`)
}

/** Clients that stop reading for 30 s, before an API that does not. */
async function stalled(gateway: Child, url: string): Promise<void> {
  console.log('\n20 clients that do not read for 30 s, of answers of 15 MB each')
  console.log(`before ${await gateway.ask()}`)
  const clients = Array.from({ length: 20 }, () =>
    request(`${url}/v1/chat/completions?messages=100000&gapMs=0`, { method: 'POST' }),
  )
  const responses = clients.map((client) => once(client.end(), 'response') as Promise<[IncomingMessage]>)
  for (const response of responses) (await response)[0].pause()
  await sleep(30_000)
  console.log(`after  ${await gateway.ask()}`)
  for (const client of clients) client.on('error', () => undefined).destroy()
}

const folder = mkdtempSync(join(tmpdir(), 'agent-stream-bench-'))
const api = await startChild('paced-api.ts')
const target = `http://127.0.0.1:${api.address}`
const gateway = await startChild('gateway-process.ts', target, join(folder, 'recordings'))
const plain = 'proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection "";'
const nginx = await startNginx(target, plain)
const ways = { direct: target, nginx: nginx.url, gateway: gateway.address }
console.log(`Node ${process.version}, ${cpus().length} cores`)
try {
  if (values.long) {
    await stalled(gateway, gateway.address)
    await long(ways)
  } else {
    await compare(ways, 1)
    await compare(ways, 200)
    await memory(gateway, gateway.address)
  }
} finally {
  for (const child of [api, gateway]) child.stop()
  await nginx.dispose()
  rmSync(folder, { recursive: true, force: true })
}
