import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from 'redis'

/** A Redis of one's own, on a Unix socket in a folder that goes with it. */
export interface RedisServer {
  readonly socketPath: string
  readonly folder: string
  /** Resolves when it answers and has loaded its data. */
  start(...options: string[]): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGSTOP; until `resume` it answers nothing, and keeps its connections. */
  pause(): void
  resume(): void
  /** Puts its data into a folder, while it is stopped. */
  copyDataTo(target: string): void
  /** Puts the data of such a folder in the place of its own, while it is stopped. */
  takeDataFrom(source: string): void
  /** Runs a command over a connection of its own. */
  command(...args: string[]): Promise<unknown>
  /** Kills it and removes its folder. */
  dispose(): Promise<void>
}

/** Everything is on disk before it is acknowledged. */
const OPTIONS = ['--port', '0', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
const START_MS = 20_000

export function createRedisServer(): RedisServer {
  const folder = mkdtempSync(join(tmpdir(), 'agent-stream-redis-'))
  const socketPath = join(folder, 'redis.sock')
  let child: ChildProcess | undefined

  async function command(...args: string[]): Promise<unknown> {
    const client = createClient({
      socket: { path: socketPath, tls: false, reconnectStrategy: false },
      RESP: 2,
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await client.sendCommand(args)
    } finally {
      client.destroy()
    }
  }

  const data = join(folder, 'appendonlydir')
  // Who ends without a word leaves none behind.
  const killNow = () => child?.kill('SIGKILL')
  process.on('exit', killNow)

  async function kill(): Promise<void> {
    const isRunning = child?.pid !== undefined && child.exitCode === null && child.signalCode === null
    if (!child || !isRunning) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    socketPath,
    folder,
    command,
    kill,
    async start(...options) {
      const args = ['--dir', folder, '--unixsocket', socketPath, ...OPTIONS, ...options]
      let said = ''
      let failure: Error | undefined
      const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] })
      child = started
      for (const output of [started.stdout, started.stderr]) output.on('data', (chunk) => (said += chunk))
      started.on('error', (cause) => {
        failure = new Error(
          'These tests need redis-server in the PATH (Debian: apt-get install redis-server)',
          { cause },
        )
      })
      for (let leftMs = START_MS; ; leftMs -= 10) {
        if (failure) throw failure
        if (started.exitCode !== null || leftMs <= 0) throw new Error(`redis-server did not start:\n${said}`)
        const answer = await command('PING').catch(() => undefined)
        if (answer === 'PONG') return
        await wait(10)
      }
    },
    pause() {
      child?.kill('SIGSTOP')
    },
    resume() {
      child?.kill('SIGCONT')
    },
    copyDataTo(target) {
      cpSync(data, target, { recursive: true })
    },
    takeDataFrom(source) {
      rmSync(data, { recursive: true })
      cpSync(source, data, { recursive: true })
    },
    async dispose() {
      await kill()
      process.off('exit', killNow)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
