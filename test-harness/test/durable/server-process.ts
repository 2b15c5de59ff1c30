import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ServerMessage {
  readonly type: 'listening' | 'aborted' | 'error' | 'memory'
  readonly runId?: string
  readonly atMs?: number
  readonly message?: string
  readonly mib?: number
}

export interface ServerOptions {
  readonly store: 'memory' | 'file' | 'redis'
  /** The folder, or the socket. */
  readonly place: string
  readonly port: number
  readonly flags?: readonly string[]
}

/** A server process that a test may kill. */
export interface ServerProcess {
  readonly url: string
  readonly messages: readonly ServerMessage[]
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void
  readonly exited: Promise<void>
}

const MAIN = fileURLToPath(new URL('server-main.ts', import.meta.url))

/** Starts a process; resolves when it listens. Rejects with what it said if it ends before. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { store, place, port, flags = [] } = options
  const args = ['--conditions=agent-stream-source', '--expose-gc', MAIN, String(port), store, place, ...flags]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const messages: ServerMessage[] = []
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const message = JSON.parse(line) as ServerMessage
      messages.push(message)
      if (message.type === 'listening') resolve()
    })
    child.once('exit', (code) =>
      reject(new Error(`The server ended with ${code} before it listened:\n${said}`)),
    )
  })
  return {
    url: `http://127.0.0.1:${port}`,
    messages,
    kill: (signal) => child.kill(signal),
    exited,
  }
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
