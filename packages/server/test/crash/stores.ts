import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { fileLog, type RunStore } from '../../src/index.ts'
import { between } from './random.ts'

/** A store that outlives its process, for the crash loop. */
export interface CrashStore {
  /** A fresh one: its folder, or its URL. */
  create(): Promise<CrashPlace>
  /** Called in both processes, one after the other. */
  open(place: string): Promise<RunStore>
}

export interface CrashPlace {
  readonly place: string
  /** What a loss of power may add to a kill: an unfinished line. */
  tear?(random: () => number): void
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

export const crashStores: Readonly<Record<string, CrashStore>> = { file }
