// The server that `delivery.ts` measures, in a process of its own: `delivery-server.ts <store> <place>`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AgentContext, allowAll, createRunServer, toNodeListener } from '@agent-stream/server'

import { openStore } from './stores.ts'

/** `{ tokens }` as fast as they are taken; or `{ beats, gapMs }`, each with the moment of its making. */
async function* agent({ input }: AgentContext) {
  const { tokens = 0, beats = 0, gapMs = 0 } = input as { tokens?: number; beats?: number; gapMs?: number }
  for (let n = 0; n < tokens; n++) yield { type: 'token', text: `token ${n} of this run, ` } as const
  for (let n = 0; n < beats; n++) {
    await new Promise((resolve) => setTimeout(resolve, gapMs))
    yield { type: 'custom', name: 'beat', value: String(process.hrtime.bigint()) } as const
  }
}

const [store = 'memory', place = ''] = process.argv.slice(2)
const server = createRunServer({ log: openStore(store, place), agent, authorize: allowAll })
const http = createServer(toNodeListener(server))
http.listen(0, '127.0.0.1', () => console.log((http.address() as AddressInfo).port))
