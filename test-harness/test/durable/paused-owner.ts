import { setTimeout as sleep } from 'node:timers/promises'

import { readEvents, type SeenEvent } from './event-reader.ts'
import { freePort, type ServerMessage, startServer } from './server-process.ts'

export interface PausedOwnerReport {
  /** What a reader on the other process saw, to the end of the run. */
  readonly seen: readonly SeenEvent[]
  /** What the log holds some seconds after the owner came back. */
  readonly stored: readonly SeenEvent[]
  /** What the owner said once it was back. */
  readonly said: readonly ServerMessage[]
}

/** Stops the owner of a run (SIGSTOP) for `pauseMs`, while another process takes the run over. */
export async function pausedOwner(
  place: string,
  pauseMs: number,
  ...flags: string[]
): Promise<PausedOwnerReport> {
  const open = async () => startServer({ store: 'redis', place, port: await freePort(), flags })
  const [owner, other] = [await open(), await open()]
  const started = await fetch(`${owner.url}/runs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ tokens: 500, gapMs: 10 }),
  })
  const events = started.headers.get('content-location') as string
  await started.body?.cancel()
  const reader = readEvents(other.url + events, AbortSignal.timeout(120_000))
  while (reader.seen.events.length < 20) await sleep(10)
  owner.kill('SIGSTOP')
  const [{ events: seen }] = await Promise.all([reader.finished, sleep(pauseMs)])
  const saidBefore = owner.messages.length
  owner.kill('SIGCONT')
  while (!owner.messages.slice(saidBefore).some(({ type }) => type === 'aborted')) await sleep(10)
  // Whatever it would still write, it would write by now.
  await sleep(1000)
  const { events: stored } = await readEvents(other.url + events, AbortSignal.timeout(10_000)).finished
  for (const server of [owner, other]) server.kill('SIGKILL')
  return { seen, stored, said: owner.messages.slice(saidBefore) }
}
