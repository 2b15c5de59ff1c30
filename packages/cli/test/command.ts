import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const UNPRIVILEGED = fileURLToPath(new URL('unprivileged.ts', import.meta.url))

export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** The real command, in a process of its own. */
export function startCommand(...args: readonly string[]): ChildProcess {
  return start(MAIN, args)
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=agent-stream-source', program, ...args], {
    env: { ...process.env, NO_COLOR: '1', CI: '' },
  })
}

/** What the command wrote until its end. */
export async function resultOf(child: ChildProcess): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
    })
  }
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { ...written, exitCode }
}

export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return resultOf(startCommand(...args))
}

/** The same by a user for whom file permissions count. */
export function runUnprivileged(...args: readonly string[]): Promise<CommandResult> {
  return resultOf(start(UNPRIVILEGED, args))
}
