import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { loadCatalogue } from './catalogue.ts'
import { createFront } from './front.ts'
import { buildPage } from './page.ts'
import { startRedis } from './redis-server.ts'
import type { LogPlace } from './run-log.ts'
import { readSettings, type Settings } from './settings.ts'
import { openStateFolder } from './state-folder.ts'
import { supervise } from './supervised.ts'

const DEFAULT_PORT = 5173

/** What is to be ended, the last first. */
const open = new AsyncDisposableStack()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0))
await start().catch((error: Error) => {
  // It is being ended, and what it still wanted to open was refused.
  if (open.disposed) return
  console.error(`playground: ${error.message}`)
  return stop(1)
})

async function start(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env)
  // A Redis can be shared by two processes; a folder is one process's own.
  const servers = [await listen(settings)]
  if (settings.redis) servers.push(await listen(settings, portOf(servers[0] as Server) + 1))
  const place = await openPlace(settings)
  const origins = servers.flatMap((server) => originsOf(settings, server))
  const [page, ...backends] = await Promise.all([
    buildPage(),
    ...servers.map(async (server) => {
      const backend = { process: await supervise({ place, origins }), publicPort: portOf(server) }
      open.defer(() => backend.process.stop())
      return backend
    }),
  ])
  const log = settings.redis ? 'redis' : 'file'
  const catalogue = loadCatalogue()
  for (const [index, backend] of backends.entries())
    servers[index]?.on('request', createFront({ page, catalogue, log, backends }, backend))
  announce(settings, servers)
}

async function stop(exitCode: number): Promise<never> {
  await open.disposeAsync()
  process.exit(exitCode)
}

async function openPlace({ redis, stateFolder }: Settings): Promise<LogPlace> {
  if (redis && redis !== 'start') return { redisUrl: redis.url }
  const folder = open.use(openStateFolder(stateFolder)).path
  if (!redis) return { folder: join(folder, 'runs') }
  return { redisUrl: open.use(await startRedis(join(folder, 'redis'))).url }
}

/** At the port that is asked for; without one at `preferred`, or at any free one where that is taken. */
async function listen({ hostname, port }: Settings, preferred = port ?? DEFAULT_PORT): Promise<Server> {
  const server = createServer()
  try {
    await bind(server, hostname, preferred)
  } catch (error) {
    if (preferred === port) throw new Error(`Port ${port} cannot be used: ${(error as Error).message}`)
    await bind(server, hostname, 0)
  }
  open.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  return server
}

function bind(server: Server, hostname: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** As pages call themselves that are shown at this server's port. */
function originsOf({ hostname }: Settings, server: Server): string[] {
  const hosts = new Set([shown(hostname), '127.0.0.1', 'localhost'])
  return [...hosts].map((host) => `http://${host}:${portOf(server)}`)
}

function shown(hostname: string): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname
}

function announce({ hostname }: Settings, servers: readonly Server[]): void {
  const [first, second] = servers.map((server) => `http://${shown(hostname)}:${portOf(server)}/`)
  const more = second ? `\n  a second server, on the same Redis: ${second}` : ''
  console.log(`\n  agent-stream playground: ${first}${more}\n\n  Ctrl+C ends it.\n`)
}
