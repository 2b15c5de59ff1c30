import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

export interface RedisServer extends AsyncDisposable {
  readonly url: string
}

const MISSING =
  'redis-server is not installed. Install it (Debian: apt install redis-server; macOS: brew install redis), or give the URL of a Redis as REDIS_URL.'
const UP = /Ready to accept connections/

/** Starts a Redis for this playground alone, which writes each command to a file in `folder`. */
export async function startRedis(folder: string): Promise<RedisServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const port = await freePort()
  const child = spawn('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  ])
  await isUp(child)
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

function isUp(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output = (output + chunk).slice(-4000)
      if (UP.test(output)) resolve()
    }
    // Read to the end: a pipe that nobody empties would stop it.
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(MISSING) : error),
    )
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${output}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
