import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createApp } from './app.ts'
import { buildPage } from './page.ts'

const DEFAULT_PORT = 5173

const hostname = process.env.HOST || '127.0.0.1'
const server = createServer(getRequestListener(createApp(await buildPage()).app.fetch))
await listen(server, process.env.PORT)
const { port } = server.address() as AddressInfo
console.log(`\n  agent-stream playground: http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}/\n`)
console.log('  Ctrl+C ends it.\n')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)

function stop(): void {
  server.close()
  server.closeAllConnections()
}

/** On the port that is asked for; else on the default one, or any that is free. */
async function listen(server: Server, asked: string | undefined): Promise<void> {
  if (asked) {
    const port = Number(asked)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      fail(`PORT is "${asked}"; give a number from 0 to 65535 (0: any free one).`)
    return tryPort(server, port).catch((error) => fail(`Port ${port} cannot be used: ${error.message}`))
  }
  return tryPort(server, DEFAULT_PORT).catch(() => tryPort(server, 0))
}

function tryPort(server: Server, port: number): Promise<void> {
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
