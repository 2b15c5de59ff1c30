import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'

import { fileLog, type RunStore, redisLog } from '../../../src/index.ts'
import { whenAvailable } from '../../../src/log/when-available.ts'
import { createRedisServer } from '../redis/redis-server.ts'
import { between } from './random.ts'

/** A store that outlives its process, for the crash loop. */
export interface CrashStore {
  /** A fresh one: its folder, or its URL. */
  create(): Promise<CrashPlace>
  /** Called in both processes, one after the other. */
  open(place: string): Promise<RunStore>
}

interface CrashPlace {
  readonly place: string
  /** What a loss of power may add to a kill: an unfinished line. */
  tear?(random: () => number): void
  /** Kills the engine while it is written to, and starts it again. Where that is another process than the writer's. */
  restart?(): Promise<void>
  dispose(): Promise<void>
}

const TORN_LINE = '{"t": 0.123, "event": "token", "data": {"text": "never acknowledged"}, "sid": "00'

const file: CrashStore = {
  async create() {
    const place = mkdtempSync(join(tmpdir(), 'agent-stream-crash-'))
    return {
      place,
      tear(random) {
        const names = readdirSync(place).filter((name) => /^[0-9a-f]{32}\.jsonl$/.test(name))
        const name = names[between(random, 0, names.length - 1)]
        if (name) appendFileSync(join(place, name), TORN_LINE.slice(0, between(random, 1, TORN_LINE.length)))
      },
      dispose: async () => rmSync(place, { recursive: true, force: true }),
    }
  },
  open: async (place) => fileLog(place, { onDamage: () => undefined }),
}

const redis: CrashStore = {
  async create() {
    const server = createRedisServer()
    await server.start()
    return {
      place: server.socketPath,
      async restart() {
        await server.kill()
        await server.start()
      },
      dispose: server.dispose,
    }
  },
  async open(path) {
    return untilAvailable(redisLog(createClient({ socket: { path, tls: false } })))
  },
}

/** As the run server does, tries again what an outage made fail. */
function untilAvailable(store: RunStore): RunStore {
  const { signal } = new AbortController()
  return {
    ...store,
    async create(run, leaseMs) {
      try {
        return await whenAvailable(() => store.create(run, leaseMs), signal)
      } catch (error) {
        // It was stored, and its answer lost: nobody else knows its id.
        if (error instanceof TypeError) return { run: { ...run, last: 0 }, epoch: 1 }
        throw error
      }
    },
    append: (...args) => whenAvailable(() => store.append(...args), signal),
    read: (...args) => whenAvailable(() => store.read(...args), signal),
    get: (...args) => whenAvailable(() => store.get(...args), signal),
    claim: (...args) => whenAvailable(() => store.claim(...args), signal),
    release: (...args) => whenAvailable(() => store.release(...args), signal),
    claimable: () => whenAvailable(store.claimable, signal),
    putIntent: (...args) => whenAvailable(() => store.putIntent(...args), signal),
    intents: (...args) => whenAvailable(() => store.intents(...args), signal),
  }
}

export const crashStores: Readonly<Record<string, CrashStore>> = { file, redis }
