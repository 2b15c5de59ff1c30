import { setTimeout as sleep } from 'node:timers/promises'

import { seededRandom } from '../../src/seeded-random.ts'
import { type Task, textOf } from './agent.ts'
import { type EventReader, readEvents, type Seen } from './event-reader.ts'
import { freePort, type ServerOptions, type ServerProcess, startServer } from './server-process.ts'

export interface CrashLoopOptions extends Pick<ServerOptions, 'store' | 'place'> {
  readonly rounds: number
  /** What the moments of the kills follow from. */
  readonly seed: number
  readonly onRound?: (round: number, report: CrashReport) => void
}

export interface CrashReport {
  readonly rounds: number
  readonly runs: number
  /** Events that readers were shown, and how often they had to ask again. */
  readonly eventsSeen: number
  readonly reconnects: number
  /** Runs that ended otherwise than complete. */
  readonly incomplete: readonly string[]
  /** What readers saw wrongly: numbers that are not dense, a text that is not the agent's, another log than before. */
  readonly faults: readonly string[]
}

const PARALLEL_RUNS = 6
const TASK: Task = { tokens: 400, gapMs: 1 }

/** Kills a server at random moments while its agents write, and checks what two readers of each run saw. */
export async function crashLoop(options: CrashLoopOptions): Promise<CrashReport> {
  const random = seededRandom(options.seed)
  const port = await freePort()
  const stop = new AbortController()
  const faults: string[] = []
  const incomplete: string[] = []
  const report = { rounds: 0, runs: 0, eventsSeen: 0, reconnects: 0, incomplete, faults }
  const boot = () =>
    startServer({ store: options.store, place: options.place, port, flags: ['--lease-ms=600'] })
  let server: ServerProcess = await boot()
  let isOver = false

  async function workOff(): Promise<void> {
    while (!isOver) {
      const events = await startRun(server.url, stop.signal)
      const readers = [readEvents(events, stop.signal), readEvents(events, stop.signal)]
      const seen = await Promise.all(readers.map((reader: EventReader) => reader.finished))
      for (const one of seen) note(events, one)
      faults.push(...compare(events, seen, await readEvents(events, stop.signal).finished))
      report.runs++
    }
  }

  function note(events: string, seen: Seen): void {
    report.eventsSeen += seen.events.length
    report.reconnects += seen.reconnects
    const text = seen.events.map(({ data }) => (JSON.parse(data) as { text?: string }).text ?? '').join('')
    const fault = seen.events.findIndex(({ seq }, index) => seq !== index + 1)
    if (fault >= 0) faults.push(`${events}: saw ${seen.events[fault]?.seq} as event ${fault + 1}`)
    const isComplete = text === textOf(TASK.tokens)
    if (!isComplete && textOf(TASK.tokens).startsWith(text)) incomplete.push(events)
    else if (!isComplete) faults.push(`${events}: the text is not the agent's`)
  }

  const workers = Array.from({ length: PARALLEL_RUNS }, workOff)
  // Whichever breaks ends the loop.
  const broken = Promise.all(workers).then(() => undefined)
  for (; report.rounds < options.rounds; report.rounds++) {
    await Promise.race([sleep(40 + random() * 400), broken])
    server.kill('SIGKILL')
    await server.exited
    server = await boot()
    options.onRound?.(report.rounds + 1, report)
  }
  isOver = true
  await broken
  stop.abort()
  server.kill('SIGKILL')
  await server.exited
  return report
}

/** Starts one run, however often it has to ask: the key makes it one. */
async function startRun(url: string, signal: AbortSignal): Promise<string> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
  for (;;) {
    signal.throwIfAborted()
    try {
      const response = await fetch(`${url}/runs`, {
        method: 'POST',
        headers,
        body: JSON.stringify(TASK),
        signal,
      })
      await response.body?.cancel()
      const events = response.headers.get('content-location')
      if (response.ok && events) return url + events
    } catch {
      // Killed meanwhile.
    }
    await sleep(20)
  }
}

/** What two readers of one run saw, and what the log says afterwards, is the same. */
function compare(events: string, seen: readonly Seen[], log: Seen): string[] {
  return seen
    .filter((one) => JSON.stringify(one.events) !== JSON.stringify(log.events))
    .map(() => `${events}: a reader saw another history than the log has`)
}
