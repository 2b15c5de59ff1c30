import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const APP = fileURLToPath(new URL('..', import.meta.url))

export interface Playground extends AsyncDisposable {
  readonly url: string
  /** The second server's, where there is one. */
  readonly secondUrl: string | undefined
  readonly process: ChildProcess
}

export interface PlaygroundOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the playground as `npm run start` does, on a free port. */
export async function startPlayground({ args = [], env = {} }: PlaygroundOptions = {}): Promise<Playground> {
  const child = spawn(process.execPath, ['--conditions=agent-stream-source', 'server/main.ts', ...args], {
    cwd: APP,
    env: { ...process.env, PORT: '0', HOST: '', REDIS: '', REDIS_URL: '', STATE_DIR: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk
      if (output.includes('Ctrl+C')) resolve()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output}`)))
  })
  const [url = '', secondUrl] = output.match(/http:\/\/[^\s/]+/g) ?? []
  return {
    url,
    secondUrl,
    process: child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
