import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createApp } from './app.ts'
import { buildPage } from './page.ts'

const DEFAULT_PORT = 5173

const hostname = process.env.HOST || '127.0.0.1'
const port = askedPort(process.env.PORT)
const server = createServer(getRequestListener(createApp(await buildPage()).app.fetch))
if (port === undefined) await listen(server, DEFAULT_PORT).catch(() => listen(server, 0))
else await listen(server, port).catch((error) => fail(`Port ${port} cannot be used: ${error.message}`))

const { port: openPort } = server.address() as AddressInfo
const shownHost = hostname.includes(':') ? `[${hostname}]` : hostname
console.log(`\n  agent-stream playground: http://${shownHost}:${openPort}/\n\n  Ctrl+C ends it.\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)

function stop(): void {
  server.close()
  server.closeAllConnections()
}

/** `undefined`: the default port, or any free one where that is taken. */
function askedPort(asked: string | undefined): number | undefined {
  if (!asked) return undefined
  const port = Number(asked)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  return fail(`PORT is "${asked}"; give a number from 0 to 65535 (0: any free one).`)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function fail(message: string): never {
  console.error(`playground: ${message}`)
  process.exit(1)
}
