import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { readEvents } from './event-reader.ts'
import { freePort, type ServerProcess, startServer } from './server-process.ts'

export interface SlowReaderReport {
  readonly logMiB: number
  /** Seconds that a reader needs for the whole run: alone, and beside readers that take nothing. */
  readonly aloneS: number
  readonly besideSlowS: number
  /** The server's memory before, while the slow readers wait, and after they were dropped. */
  readonly rssMiB: readonly number[]
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
  const rssMiB = [await rss(server)]
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
  rssMiB.push(await rss(server))
  for (const socket of sockets) socket.destroy()
  await sleep(1000)
  rssMiB.push(await rss(server))
  server.kill('SIGKILL')
  return {
    logMiB: Math.round((TASK.tokens * TASK.chars) / 2 ** 20),
    aloneS,
    besideSlowS,
    rssMiB,
    slowReaders: SLOW_READERS,
  }
}

async function rss({ pid }: ServerProcess): Promise<number> {
  const [, kB = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kB) / 1024)
}
