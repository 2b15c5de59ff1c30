import type { LogEvent, LogPage } from '../event-log.ts'
import { LogError } from '../log-error.ts'
import { createPageCache } from '../page-cache.ts'
import { createRecentEvents } from '../recent-events.ts'
import type { FilePool } from './file-pool.ts'
import type { FileRun } from './file-run.ts'
import type { LogDamage } from './log-damage.ts'
import { createRunReader } from './run-reader.ts'

/** What readers of a folder's runs see: from memory what is new, from the files what is not. */
export interface RunFeed {
  /** Adds what was committed to a run, and wakes those who wait for it. */
  push(run: FileRun, events: readonly LogEvent[]): void
  read(run: FileRun, after: number, limit?: number): Promise<LogPage>
  /** Like `read`, the same page for all who stand at the same place. */
  readShared(run: FileRun, after: number): Promise<LogPage>
  /** The input that the run was started with. */
  input(run: FileRun): Promise<string>
  drop(run: FileRun): void
}

export interface RunFeedOptions {
  readonly files: FilePool
  readonly onDamage: (damage: LogDamage) => void
}

const MAX_RUN_CHARS = 262_144
const MAX_RECENT_CHARS = 33_554_432
const MAX_PAGES = 64

export function createRunFeed(options: RunFeedOptions): RunFeed {
  const recent = createRecentEvents({ maxRunChars: MAX_RUN_CHARS, maxChars: MAX_RECENT_CHARS })
  const pages = createPageCache(MAX_PAGES)
  const reader = createRunReader(options)

  async function pageOf(run: FileRun, after: number, limit?: number): Promise<LogPage> {
    const { runId, last, end } = run
    const events =
      after === last ? [] : (recent.page(runId, after, limit) ?? (await reader.page(run, after, limit)))
    return { events, last, hasEnded: end !== undefined }
  }

  function checkCursor({ runId, last }: FileRun, after: number): void {
    if (after <= last) return
    const message = `The log of run ${runId} ends with event ${last}, before event ${after}`
    throw new LogError('rewound', message, { last })
  }

  return {
    push(run, events) {
      recent.push(run.runId, events)
      run.waiters.wake()
    },
    async read(run, after, limit) {
      checkCursor(run, after)
      return pageOf(run, after, limit)
    },
    async readShared(run, after) {
      checkCursor(run, after)
      return pages.get(run.runId, after, run.last, () => pageOf(run, after))
    },
    input: reader.input,
    drop: ({ runId }) => recent.drop(runId),
  }
}
