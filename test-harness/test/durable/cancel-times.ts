import { setTimeout as sleep } from 'node:timers/promises'

import { readEvents } from './event-reader.ts'
import { freePort, startServer } from './server-process.ts'

export interface CancelTimes {
  /** Milliseconds from the request to one process to the abort of the signal in another. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Cancels runs of one process through another one, `count` times. */
export async function cancelTimes(place: string, count: number, ...flags: string[]): Promise<CancelTimes> {
  const open = async () => startServer({ store: 'redis', place, port: await freePort(), flags })
  const [owner, other] = [await open(), await open()]
  const times: number[] = []
  const headers = { 'Content-Type': 'application/json' }
  while (times.length < count) {
    const body = JSON.stringify({ tokens: 100_000, gapMs: 20 })
    const started = await fetch(`${owner.url}/runs`, { method: 'POST', headers, body })
    const events = started.headers.get('content-location') as string
    await started.body?.cancel()
    // At any moment of whatever goes round in the owner.
    await sleep(100 + Math.random() * 500)
    const askedMs = Date.now()
    await fetch(other.url + events.replace('events', 'cancel'), { method: 'POST', headers, body: '{}' })
    await readEvents(other.url + events, AbortSignal.timeout(30_000)).finished
    const runId = events.split('/')[2]
    const aborted = owner.messages.find((message) => message.type === 'aborted' && message.runId === runId)
    times.push((aborted?.atMs ?? Infinity) - askedMs)
  }
  for (const server of [owner, other]) server.kill('SIGKILL')
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(count - 1, Math.floor(count * share))] as number
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}
