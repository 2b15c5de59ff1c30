import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program beside this file, in a process of its own. */
export interface Child {
  /** The first line that it said. */
  readonly address: string
  /** What it answers to a line. */
  ask(): Promise<string>
  stop(): void
}

export async function startChild(name: string, ...args: readonly string[]): Promise<Child> {
  const program = fileURLToPath(new URL(name, import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  process.on('exit', () => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const next = async () => ((await once(lines, 'line')) as [string])[0]
  return {
    address: await next(),
    ask() {
      const line = next()
      child.stdin?.write('\n')
      return line
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
