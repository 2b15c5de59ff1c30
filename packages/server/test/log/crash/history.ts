import type { RunStore } from '../../../src/index.ts'
import { expectedEvent } from './expected.ts'

/** What writers were told is stored, and what is wrong with what was found. */
export interface History {
  /** One line of a writer. */
  note(line: string): void
  /** Compares all that is not known to be well for good. */
  check(store: RunStore): Promise<void>
  readonly acknowledged: number
  readonly problems: readonly string[]
}

interface Known {
  last: number
  hasEnded: boolean
  /** Ended, and found whole once. */
  isDone: boolean
  readonly asked: Set<string>
}

export function createHistory(): History {
  const runs = new Map<string, Known>()
  const problems: string[] = []
  let acknowledged = 0

  function knownOf(runId: string): Known {
    const known = runs.get(runId) ?? { last: 0, hasEnded: false, isDone: false, asked: new Set() }
    runs.set(runId, known)
    return known
  }

  async function checkRun(store: RunStore, runId: string, known: Known): Promise<void> {
    const found: number[] = []
    for (let cursor = 0; ; ) {
      const { events, last, hasEnded } = await store.read(runId, cursor)
      for (const { atMs: _, ...event } of events) {
        const expected = expectedEvent(runId, event.seq)
        if (JSON.stringify(event) !== JSON.stringify(expected))
          problems.push(`${runId}: ${event.seq} is another event`)
        found.push(event.seq)
      }
      cursor = events.at(-1)?.seq ?? last
      if (cursor < last) continue
      if (last < known.last) problems.push(`${runId}: ${known.last} acknowledged, ${last} found`)
      if (known.hasEnded && !hasEnded) problems.push(`${runId}: its end was acknowledged`)
      if (found.length !== last || found.some((seq, i) => seq !== i + 1)) {
        problems.push(`${runId}: not dense: ${found.join(' ').slice(0, 200)}`)
      }
      known.isDone = known.hasEnded
      break
    }
    const stored = known.asked.size > 0 ? await store.intents(runId) : new Map()
    for (const name of known.asked)
      if (stored.get(name) !== runId) problems.push(`${runId}: "${name}" is lost`)
  }

  return {
    note(line) {
      const [runId = '', what = '', ...rest] = line.split(' ')
      if (runId === 'ready') return
      const known = knownOf(runId)
      if (what === 'asked') {
        known.asked.add(rest.join(' '))
        return
      }
      acknowledged += Number(what) - known.last
      known.last = Number(what)
      known.hasEnded ||= rest[0] === 'end'
    },
    async check(store) {
      for (const [runId, known] of runs) {
        if (known.isDone) continue
        await checkRun(store, runId, known).catch((error) => problems.push(`${runId}: ${error}`))
      }
    },
    get acknowledged() {
      return acknowledged
    },
    problems,
  }
}
