import { readdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunId } from '../run-record.ts'
import type { RunRecord } from '../run-store.ts'
import type { AppendContext } from './append-file.ts'
import { createFilePool, type OpenFile } from './file-pool.ts'
import { FileRun } from './file-run.ts'
import type { LogDamage } from './log-damage.ts'
import { recoverRun } from './recover-run.ts'
import { createSlots } from './slots.ts'

/** The files of a folder of runs: one a run, and one more for those that were asked something. */
export interface RunFolder {
  readonly context: AppendContext
  /** What the folder holds at its opening. */
  recover(): FileRun[]
  /** A run whose file is made with its first line. */
  newRun(record: RunRecord): FileRun
  controlPath(runId: string): string
  /** Removes a run's files. */
  remove(run: FileRun): Promise<void>
  /** Resolves when all is written and every file is closed. */
  close(): Promise<void>
}

export interface RunFolderOptions {
  readonly dir: string
  readonly isSynced: boolean
  readonly onDamage: (damage: LogDamage) => void
  readonly openFile: OpenFile | undefined
}

const RUN = '.jsonl'
const CONTROL = '.control.jsonl'
const MAX_OPEN_FILES = 256
/** As many as Node has threads for files: more would keep everybody else's waiting. */
const COMMITS = 4
const REMOVALS = 4

export function createRunFolder({ dir, isSynced, onDamage, openFile }: RunFolderOptions): RunFolder {
  const files = createFilePool(MAX_OPEN_FILES, openFile)
  const work = new Set<Promise<void>>()
  const removals = createSlots(REMOVALS)
  const syncFolder = shared(() => syncOf(dir))
  /** Those whose files are left as they are. */
  const unreadable = new Set<string>()

  function track(promise: Promise<void>): void {
    // Who asked for it hears of its failure.
    const done = promise
      .catch(() => undefined)
      .then(() => {
        work.delete(done)
      })
    work.add(done)
  }

  const context: AppendContext = { files, commits: createSlots(COMMITS), isSynced, syncFolder, track }
  const runPath = (runId: string): string => join(dir, runId + RUN)
  const controlPath = (runId: string): string => join(dir, runId + CONTROL)

  async function removeFiles(runId: string): Promise<void> {
    for (const path of [controlPath(runId), runPath(runId)]) {
      await files.forget(path)
      await rm(path, { force: true })
    }
  }

  function recoverOne(runId: string): FileRun[] {
    const path = runPath(runId)
    const run = recoverRun({ path, runId, isSynced, onDamage })
    if (run) return [new FileRun({ ...run, path, context })]
    unreadable.add(runId)
    return []
  }

  return {
    context,
    recover() {
      const names = readdirSync(dir)
      const runIds = namesWithout(RUN, names)
      const known = new Set(runIds)
      // Of runs that expired as their process died.
      const orphans = namesWithout(CONTROL, names).filter((runId) => !known.has(runId))
      for (const runId of orphans) track(removals.run(() => removeFiles(runId)))
      return runIds.flatMap(recoverOne)
    },
    newRun(record) {
      const { runId } = record
      if (unreadable.has(runId))
        throw new TypeError(`There is a damaged run ${runId} already; a run id is used once`)
      const run = { record, headerBytes: 0, sizeBytes: 0, last: 0, isSettled: false, repair: '' }
      return new FileRun({ ...run, path: runPath(runId), context, isNew: true })
    },
    controlPath,
    remove({ runId }) {
      const removal = removals.run(() => removeFiles(runId))
      track(removal)
      return removal
    },
    async close() {
      while (work.size > 0) await Promise.allSettled(work)
      await files.close()
    },
  }
}

/** Run ids only: nothing else in the folder is touched. */
function namesWithout(ending: string, names: readonly string[]): string[] {
  const ids = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length))
  return ids.filter(isRunId)
}

async function syncOf(dir: string): Promise<void> {
  // Windows has no such thing; a name lasts there with its file.
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whoever asks while one is under way shares the next. */
function shared(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  return function run(): Promise<void> {
    if (!running) {
      running = task().finally(() => {
        running = undefined
      })
      return running
    }
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return run()
      })
    return next
  }
}
