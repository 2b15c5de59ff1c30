import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFold, createSseReader, decodeEvent, type RunState } from '@agent-stream/protocol'
import { allowAll, createRunServer, memoryLog, type RunStore } from '@agent-stream/server'
import { getRequestListener } from '@hono/node-server'
import { createPlayingAgent } from '../server/agent.ts'
import { createAgentsApp } from '../server/app.ts'
import { loadCatalogue } from '../server/catalogue.ts'

export const catalogue = loadCatalogue()

export interface Agents extends AsyncDisposable {
  readonly url: string
  readonly openStreams: () => number
  readonly post: (path: string, body: unknown, options?: RequestInit) => Promise<Response>
  readonly events: (runId: string, after?: number) => Promise<Response>
}

/** A process that runs agents, within this one. Another one on the same log takes over what it leaves. */
export async function startAgents(log: RunStore = memoryLog(), origins: string[] = []): Promise<Agents> {
  const runs = createRunServer({
    log,
    agent: createPlayingAgent(catalogue),
    canContinue: true,
    authorize: allowAll,
    cors: { origins },
  })
  const { app, openStreams } = createAgentsApp({ catalogue, runs, log, origins })
  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    openStreams,
    post: (path, body, options) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...options,
      }),
    events: (runId, after = 0) =>
      fetch(`${url}/runs/${runId}/events`, { headers: { 'last-event-id': String(after) } }),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await runs.close()
    },
  }
}

export function runIdOf(response: Response): string {
  return response.headers.get('content-location')?.split('/')[2] ?? ''
}

/** What a stream adds up to, read as far as it comes. */
export async function stateOf(
  response: Response,
  isEnough?: (state: RunState) => boolean,
): Promise<RunState> {
  const fold = createFold()
  const reader = createSseReader({
    onMessage(message) {
      const event = decodeEvent(message)
      if (event.type === 'warning') fold.warn(event)
      else fold.apply(event, message.id === undefined ? undefined : Number(message.id))
    },
  })
  try {
    for await (const chunk of response.body ?? []) {
      reader.feed(chunk)
      if (isEnough?.(fold.snapshot())) break
    }
  } catch {
    // A stream that was cut off is as good as what came of it.
  }
  return fold.snapshot()
}
