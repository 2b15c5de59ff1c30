import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { createHistory, type History } from './history.ts'
import { between, seededRandom } from './random.ts'
import { crashStores } from './stores.ts'

export interface CrashLoopOptions {
  readonly store: string
  readonly rounds: number
  readonly seed: number
  readonly onRound?: (round: number, history: History) => void
}

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))
/** How many lines a writer may say before it is killed. */
const MAX_LINES = 2000

/** Kills a writer again and again, and looks at what it left. Gives what was acknowledged and what was wrong. */
export async function crashLoop({ store, rounds, seed, onRound }: CrashLoopOptions): Promise<History> {
  const crashStore = crashStores[store]
  if (!crashStore) throw new TypeError(`There is no store "${store}": ${Object.keys(crashStores).join(', ')}`)
  const random = seededRandom(seed)
  const history = createHistory()
  const place = await crashStore.create()
  try {
    for (let round = 1; round <= rounds; round++) {
      const writer = [store, place.place, String(seed + round)]
      const lines = between(random, 1, MAX_LINES)
      // Every third time the engine is killed before its writer.
      const restart =
        round % 3 === 0 && place.restart ? { line: between(random, 1, lines), run: place.restart } : undefined
      await killedWriter(writer, lines, history, restart)
      // Every other time as if the power had gone too.
      if (round % 2 === 0) place.tear?.(random)
      const opened = await crashStore.open(place.place)
      await history.check(opened)
      await opened.close()
      onRound?.(round, history)
    }
  } finally {
    await place.dispose()
  }
  return history
}

interface EngineRestart {
  readonly line: number
  run(): Promise<void>
}

async function killedWriter(
  args: readonly string[],
  lines: number,
  history: History,
  restart?: EngineRestart,
): Promise<void> {
  const writer = spawn(process.execPath, ['--conditions=agent-stream-source', WRITER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(writer, 'exit')
  let said = 0
  let restarted: Promise<void> | undefined
  for await (const line of createInterface({ input: writer.stdout })) {
    history.note(line)
    if (++said === lines) writer.kill('SIGKILL')
    if (said === restart?.line) restarted = restart.run()
  }
  await restarted
  const [code] = await exited
  if (code !== null) throw new Error(`The writer ended by itself, with code ${code}, after ${said} lines`)
}
