import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AgentStreamClient } from '@agent-stream/core'
import { allowAll, createRunServer, type RunStore, toNodeListener } from '@agent-stream/server'

import { seededRandom } from '../../src/seeded-random.ts'
import { countingAgent, textOf } from './agent.ts'
import { openChaosProxy } from './chaos-proxy.ts'

export interface ReaderCutsOptions {
  readonly log: RunStore
  readonly cuts: number
  readonly seed: number
  /** Tokens of each run. */
  readonly tokens: number
}

export interface ReaderCutsReport {
  readonly cuts: number
  readonly runs: number
  readonly faults: readonly string[]
}

/** Runs watched by the client through a proxy that cuts its connections, headers and frames alike. */
export async function readerCuts({ log, cuts, seed, tokens }: ReaderCutsOptions): Promise<ReaderCutsReport> {
  const random = seededRandom(seed)
  const server = createRunServer({ log, agent: countingAgent, authorize: allowAll })
  const http = createServer(toNodeListener(server))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const proxy = await openChaosProxy({
    targetPort: (http.address() as AddressInfo).port,
    nextCut: () => (proxy.cuts < cuts ? Math.floor(random() * 4000) : undefined),
  })
  const faults: string[] = []
  let runs = 0

  async function watchRun(): Promise<void> {
    const client = new AgentStreamClient({
      baseUrl: proxy.url,
      random,
      // The first answer may be cut many times before anything has come.
      retry: { baseMs: 1, maxMs: 1, attempts: 1000 },
    })
    const { outcome } = await client.start('/runs', { tokens })
    const { text, seq, reconciled } = client.getSnapshot()
    runs++
    if (outcome !== 'complete' || reconciled !== true || text !== textOf(tokens)) {
      faults.push(`run ${runs}: ${outcome}, reconciled ${reconciled}, ${text.length} characters`)
    }
    if (seq.gaps.length > 0 || seq.duplicates > 0) faults.push(`run ${runs}: ${JSON.stringify(seq)}`)
  }

  async function watchOn(): Promise<void> {
    while (proxy.cuts < cuts) await watchRun()
  }
  await Promise.all(Array.from({ length: 4 }, watchOn))
  const report = { cuts: proxy.cuts, runs, faults }
  await proxy.close()
  http.closeAllConnections()
  http.close()
  await server.close()
  return report
}
