import type { LogEvent } from '../event-log.ts'
import { LogError } from '../log-error.ts'
import { PAGE_EVENTS } from '../page.ts'
import type { FilePool } from './file-pool.ts'
import type { FileRun } from './file-run.ts'
import type { LogDamage } from './log-damage.ts'
import { readHeader } from './run-lines.ts'
import { findOffset, readFilePage } from './run-pages.ts'
import { createSlots } from './slots.ts'

/** Reads the files of runs. */
export interface RunReader {
  /** A page of the committed events behind number `after`. */
  page(run: FileRun, after: number, limit?: number): Promise<readonly LogEvent[]>
  input(run: FileRun): Promise<string>
}

export interface RunReaderOptions {
  readonly files: FilePool
  readonly onDamage: (damage: LogDamage) => void
}

const READS = 16
const MAX_OFFSETS = 1024

export function createRunReader({ files, onDamage }: RunReaderOptions): RunReader {
  const reads = createSlots(READS)
  /** Where pages ended: most readers ask for the next one. */
  const offsets = new Map<string, number>()

  function keepOffset(key: string, offset: number): void {
    const oldest = offsets.keys().next()
    if (offsets.size >= MAX_OFFSETS && !oldest.done) offsets.delete(oldest.value)
    offsets.set(key, offset)
  }

  return {
    page(run, after, limit = PAGE_EVENTS) {
      return reads.run(() =>
        files.use(run.path, false, async (handle) => {
          const { start, end } = run.range
          const known = after === 0 ? start : offsets.get(`${run.runId} ${after}`)
          const from = known ?? (await findOffset(handle, run, { start, end }, after))
          const { events, nextOffset } = await readFilePage(
            handle,
            run,
            { start: from, end },
            {
              after,
              limit,
              onDamage: ({ offset }) => onDamage({ file: run.path, offset, problem: 'unreadable_line' }),
            },
          )
          const last = events.at(-1)
          if (last) keepOffset(`${run.runId} ${last.seq}`, nextOffset)
          return events
        }),
      )
    },
    async input(run) {
      if (run.input !== undefined) return run.input
      const bytes = Buffer.alloc(run.headerBytes)
      await reads.run(() => files.use(run.path, false, (handle) => handle.read(bytes, 0, bytes.length, 0)))
      const record = readHeader(bytes.toString().trimEnd(), run.runId)
      if (record) return record.input
      onDamage({ file: run.path, offset: 0, problem: 'unreadable_header' })
      throw new LogError('unavailable', `Cannot read the first line of run ${run.runId}: it is damaged`)
    },
  }
}
