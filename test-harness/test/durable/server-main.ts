// A server process for the tests that kill it: `server-main.ts <port> file <folder>`, `… redis <socket>`, `… memory -`.
import { createServer } from 'node:http'
import {
  allowAll,
  createRunServer,
  fileLog,
  memoryLog,
  type RunStore,
  redisLog,
  toNodeListener,
} from '@agent-stream/server'
import { createClient } from 'redis'

import { countingAgent } from './agent.ts'

const [port, store, place, ...flags] = process.argv.slice(2) as [string, string, string, ...string[]]

function openLog(): RunStore {
  if (store === 'memory') return memoryLog()
  if (store === 'file') return fileLog(place)
  const log = redisLog(createClient({ socket: { path: place, tls: false } }))
  // Hints are only that: nothing may depend on them.
  return flags.includes('--no-hints') ? { ...log, onIntent: () => () => undefined } : log
}

const server = createRunServer({
  log: openLog(),
  agent: async function* (context) {
    // For the tests of how long a cancel takes.
    context.signal.addEventListener('abort', () =>
      tell({ type: 'aborted', runId: context.runId, atMs: Date.now() }),
    )
    yield* countingAgent(context)
  },
  authorize: allowAll,
  cors: { origins: '*' },
  leaseMs: Number(flags.find((flag) => flag.startsWith('--lease-ms='))?.split('=')[1] ?? 15_000),
  canContinue: !flags.includes('--cannot-continue'),
  onError: (error, run) => tell({ type: 'error', runId: run?.runId, message: String(error) }),
})
const http = createServer(toNodeListener(server))
http.listen(Number(port), '127.0.0.1', () => tell({ type: 'listening' }))

// What is in use, garbage apart, when a test asks for it.
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  tell({ type: 'memory', mib: Math.round((heapUsed + external) / 2 ** 20) })
})

/** One JSON line for the test to read. */
function tell(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
