// Started by `supervised.ts`: the process that runs agents, and that may be killed at any time.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { allowAll, createRunServer } from '@agent-stream/server'
import { getRequestListener } from '@hono/node-server'
import { createPlayingAgent } from './agent.ts'
import { createAgentsApp } from './app.ts'
import { loadCatalogue } from './catalogue.ts'
import { type LogPlace, openLog } from './run-log.ts'

export interface AgentsProcessOptions {
  readonly place: LogPlace
  /** The pages of other origins that may use it. */
  readonly origins: readonly string[]
}

/** Short, so that a run does not stand still for long when its process was killed. */
const LEASE_MS = 2000

if (process.send) {
  await main(JSON.parse(process.env.AGENTS_PROCESS ?? '') as AgentsProcessOptions).catch((error: Error) => {
    console.error(`playground: ${error.message}`)
    process.exit(1)
  })
}

async function main({ place, origins }: AgentsProcessOptions): Promise<void> {
  const catalogue = loadCatalogue()
  const log = openLog(place)
  const runs = createRunServer({
    log,
    agent: createPlayingAgent(catalogue),
    // A run continues where its log ends, in whichever process.
    canContinue: true,
    authorize: allowAll,
    cors: { origins },
    leaseMs: LEASE_MS,
  })
  const { app } = createAgentsApp({ catalogue, runs, log, origins })
  const server = createServer(getRequestListener(app.fetch))
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))

  async function stop(): Promise<void> {
    server.close()
    server.closeAllConnections()
    await runs.close()
    await log.close()
    process.exit(0)
  }

  process.once('SIGTERM', () => void stop())
  // Whoever started it has ended, or was killed.
  process.once('disconnect', () => void stop())
  // Ctrl+C is for the process that started it, which then says so.
  process.on('SIGINT', () => {})
}
