import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RunStore } from '../run-store.ts'
import type { OpenFile } from './file-pool.ts'
import { createFileStore } from './file-store.ts'
import { lockFolder } from './folder-lock.ts'
import { createDamageReporter, type LogDamage, warnOfDamage } from './log-damage.ts'
import { createRunFolder } from './run-folder.ts'

export interface FileLogOptions {
  /** How long a run is kept after its end, in milliseconds. Default: 24 hours. */
  readonly retentionMs?: number
  /**
   * What an answer waits for. `fsync` (default): the disk has it. `os`: the operating system has it; it outlives the
   * process, and not a loss of power.
   */
  readonly durability?: 'fsync' | 'os'
  /** Told once of each place in a file that cannot be read. Default: a warning of the process. */
  readonly onDamage?: (damage: LogDamage) => void
  /** Milliseconds since the Unix epoch. Default: `Date.now`. */
  readonly now?: () => number
}

/**
 * Keeps runs in a folder, a recording each, for this process only: a folder that another one has open throws a
 * `LogError` with the code `locked`. What is there is opened before this returns.
 */
export function fileLog(dir: string, options: FileLogOptions = {}): RunStore {
  return openFileLog(dir, options)
}

/** With the file system's `open`, for tests that let it fail. */
export function openFileLog(dir: string, options: FileLogOptions, openFile?: OpenFile): RunStore {
  const { retentionMs, durability = 'fsync', now } = options
  if (typeof dir !== 'string' || dir === '')
    throw new TypeError(`The folder is ${JSON.stringify(dir)}; expected a path`)
  if (durability !== 'fsync' && durability !== 'os') {
    throw new TypeError(`"durability" is ${JSON.stringify(durability)}; expected "fsync" or "os"`)
  }
  const onDamage = createDamageReporter(options.onDamage ?? warnOfDamage)
  const path = resolve(dir)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lock = lockFolder(path)
  try {
    const folder = createRunFolder({ dir: path, isSynced: durability === 'fsync', onDamage, openFile })
    return createFileStore({ folder, retentionMs, now, onDamage, onClosed: lock.release })
  } catch (cause) {
    lock.release()
    throw cause
  }
}
