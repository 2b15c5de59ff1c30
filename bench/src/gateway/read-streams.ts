import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'

/** Milliseconds from the API's `write` to the reader, of each message. */
export async function latenciesOf(url: string, streams: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: streams })
  const latencies: number[] = []
  await Promise.all(Array.from({ length: streams }, () => readOne(url, agent, latencies)))
  agent.destroy()
  return latencies.sort((a, b) => a - b)
}

async function readOne(url: string, agent: Agent, latencies: number[]): Promise<void> {
  const asked = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  asked.end('{"model": "bench", "stream": true}')
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
