import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const APP = fileURLToPath(new URL('..', import.meta.url))

export interface Playground extends AsyncDisposable {
  readonly url: string
  readonly process: ChildProcess
}

/** Starts the playground's server as `npm run start` does, on a free port. */
export async function startPlayground(env: Readonly<Record<string, string>> = {}): Promise<Playground> {
  const child = spawn(process.execPath, ['--conditions=agent-stream-source', 'server/main.ts'], {
    cwd: APP,
    env: { ...process.env, PORT: '0', HOST: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk
      const printed = /http:\/\/[^\s/]+/.exec(output)
      if (printed) resolve(printed[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output}`)))
  })
  return {
    url,
    process: child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
