import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AgentsProcessOptions } from './agents-process.ts'

/** A process that runs agents, started again whenever it ends. */
export interface Supervised {
  /** Where it listens; `undefined` while it is down. */
  readonly port: number | undefined
  readonly pid: number | undefined
  /** How often it was started again. */
  readonly restarts: number
  /** Kills it as a crash would, without a word; resolves once another one listens. */
  kill(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('agents-process.ts', import.meta.url))
/** Between a process that did not come up and the next. */
const PAUSE_MS = 500
const STOP_MS = 3000

/** Resolves once the process listens; rejects if the first one does not get that far. */
export async function supervise(options: AgentsProcessOptions): Promise<Supervised> {
  let child: ChildProcess
  let port: number | undefined
  let restarts = 0
  let isStopping = false
  let listening = start()

  /** Starts a process; resolves when it listens. */
  async function start(): Promise<void> {
    const started = spawn(process.execPath, [...process.execArgv, PROGRAM], {
      // Not as an argument: the list of processes would show it.
      env: { ...process.env, AGENTS_PROCESS: JSON.stringify(options) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child = started
    const exit = once(started, 'exit')
    const first = await Promise.race([once(started, 'message'), exit.then(() => undefined)])
    if (!first) throw new Error('The process that runs agents ended before it listened')
    port = (first[0] as { port: number }).port
    void exit.then(() => {
      port = undefined
      if (isStopping) return
      restarts++
      listening = startUntilUp()
    })
  }

  async function startUntilUp(): Promise<void> {
    while (!isStopping) {
      try {
        return await start()
      } catch {
        // It has said why on stderr.
        await setTimeout(PAUSE_MS)
      }
    }
  }

  await listening
  return {
    get port() {
      return port
    },
    get pid() {
      return port === undefined ? undefined : child.pid
    },
    get restarts() {
      return restarts
    },
    async kill() {
      const exit = once(child, 'exit')
      if (port !== undefined && child.kill('SIGKILL')) await exit
      await listening
    },
    async stop() {
      isStopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const grace = new AbortController()
      const late = setTimeout(STOP_MS, undefined, { signal: grace.signal }).then(() => child.kill('SIGKILL'))
      await exit
      grace.abort()
      await late.catch(() => undefined)
    },
  }
}
