import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How many streams there are at a time, and for how long new ones follow those that end. */
export interface Load {
  readonly streams: number
  readonly ms: number
}

/** The time in which streams begin, so that they do not all begin at once; in milliseconds. */
const RAMP_MS = 2000

/** Milliseconds from the API's `write` to the reader, of each message. */
export async function latenciesOf(url: string, { streams, ms }: Load): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: streams })
  const latencies: number[] = []
  const endMs = performance.now() + ms
  const readAll = async (_: unknown, i: number) => {
    await sleep((i / streams) * Math.min(RAMP_MS, ms))
    do await readOne(url, agent, latencies)
    while (performance.now() < endMs)
  }
  await Promise.all(Array.from({ length: streams }, readAll))
  agent.destroy()
  return latencies.sort((a, b) => a - b)
}

async function readOne(url: string, agent: Agent, latencies: number[]): Promise<void> {
  const asked = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  // As users do, nobody asks what another one asked.
  const messages = [{ role: 'user', content: `Question ${randomUUID()}` }]
  asked.end(JSON.stringify({ model: 'bench', stream: true, messages }))
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let rest = ''
  response.setEncoding('latin1').on('data', (text: string) => {
    const now = process.hrtime.bigint()
    rest += text
    for (const [, ns] of rest.matchAll(/"sent_ns":"(\d+)"/g))
      latencies.push(Number(now - BigInt(ns as string)) / 1e6)
    rest = rest.slice(rest.lastIndexOf('\n') + 1)
  })
  await once(response, 'end')
}

/** By nearest rank. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
