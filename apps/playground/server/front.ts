import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { listed, type Recording } from './catalogue.ts'
import { forward } from './forward.ts'
import type { Page } from './page.ts'
import type { Supervised } from './supervised.ts'

/** A process that runs agents, and the port of the front that leads to it. */
export interface Backend {
  readonly process: Supervised
  readonly publicPort: number
}

export interface FrontOptions {
  readonly page: Page
  readonly catalogue: ReadonlyMap<string, Recording>
  readonly log: 'file' | 'redis'
  /** From the first server to the last. */
  readonly backends: readonly Backend[]
}

/**
 * What a browser talks to at the address of one backend: the page and what there is to play, the state of the servers
 * and the button that kills one. Everything else is the backend's, and away while that is.
 */
export function createFront({ page, catalogue, log, backends }: FrontOptions, own: Backend): RequestListener {
  const state = () => ({
    log,
    servers: backends.map(({ process: { pid = null, restarts }, publicPort }) => ({
      port: publicPort,
      pid,
      restarts,
    })),
  })

  /** `POST /api/servers/2/kill` kills the second. */
  async function kill(place: number, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const backend = backends[place - 1]
    if (!backend) return fail(outgoing, 404, 'unknown_server', `There is no server ${place}.`)
    // Which no page of another origin can send without being asked about it first.
    if (incoming.headers['content-type'] !== 'application/json')
      return fail(outgoing, 415, 'unsupported_media_type', 'Killing a server takes application/json.')
    await backend.process.kill()
    json(outgoing, 200, state())
  }

  return (incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming
    const [path = '/'] = url.split('?')
    const killed = method === 'POST' && /^\/api\/servers\/(\d+)\/kill$/.exec(path)
    if (killed) return void kill(Number(killed[1]), incoming, outgoing)
    if (path === '/api/servers' && method === 'GET') return json(outgoing, 200, state())
    if (path === '/api/recordings' && method === 'GET')
      return json(outgoing, 200, [...catalogue.values()].map(listed))
    const file = method === 'GET' ? page.get(path === '/' ? '/index.html' : path) : undefined
    if (file) return void outgoing.writeHead(200, { 'content-type': file.contentType }).end(file.content)
    forward(own.process.port, incoming, outgoing)
  }
}

function fail(outgoing: ServerResponse, status: number, error_type: string, message: string): void {
  json(outgoing, status, { error_type, message })
}

function json(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
