import { type ChildProcess, spawn } from 'node:child_process'
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
  const lines = createInterface(child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${name} has ended`)
    return value
  }
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
