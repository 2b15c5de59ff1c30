import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { readEvents } from './event-reader.ts'
import { freePort, type ServerProcess, startServer } from './server-process.ts'

export interface SlowReaderReport {
  readonly logMiB: number
  /** Seconds that a reader needs for the whole run: alone, and beside readers that take nothing. */
  readonly aloneS: number
  readonly besideSlowS: number
  /** What the server has in use before, while the slow readers wait, and after they have left. */
  readonly usedMiB: readonly number[]
  readonly slowReaders: number
}

const TASK = { tokens: 20_000, chars: 10_000 }
const SLOW_READERS = 50

/** Readers that take nothing, and one that does. */
export async function slowReaders(place: string): Promise<SlowReaderReport> {
  const port = await freePort()
  const server = await startServer({ store: 'file', place, port })
  const started = await fetch(`${server.url}/runs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(TASK),
  })
  const events = started.headers.get('content-location') as string
  await started.body?.cancel()
  const read = async (): Promise<number> => {
    const startedMs = Date.now()
    await readEvents(server.url + events, AbortSignal.timeout(120_000)).finished
    return (Date.now() - startedMs) / 1000
  }
  await read()
  const usedMiB = [await usedBy(server)]
  const aloneS = await read()
  const sockets = Array.from({ length: SLOW_READERS }, () => {
    const socket = connect(port, '127.0.0.1')
      .pause()
      .on('error', () => undefined)
    socket.write(`GET ${events} HTTP/1.1\r\nHost: x\r\n\r\n`)
    return socket
  })
  await sleep(2000)
  const besideSlowS = await read()
  usedMiB.push(await usedBy(server))
  for (const socket of sockets) socket.destroy()
  await sleep(1000)
  usedMiB.push(await usedBy(server))
  server.kill('SIGKILL')
  return {
    logMiB: Math.round((TASK.tokens * TASK.chars) / 2 ** 20),
    aloneS,
    besideSlowS,
    usedMiB,
    slowReaders: SLOW_READERS,
  }
}

async function usedBy(server: ServerProcess): Promise<number> {
  const said = server.messages.length
  server.kill('SIGUSR2')
  for (;;) {
    const answer = server.messages.slice(said).find(({ type }) => type === 'memory')
    if (answer) return answer.mib as number
    await sleep(10)
  }
}
