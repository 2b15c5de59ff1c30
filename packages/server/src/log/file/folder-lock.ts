import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { LogError } from '../log-error.ts'
import { engineError } from './engine-error.ts'

export interface FolderLock {
  release(): void
}

/** Not to be opened by anything else in this process: closing any descriptor of it would give the lock up. */
const LOCK = 'lock'
const HOLDER = 'lock.json'
/** A lock is this process's, whoever forgets it: collected as garbage, a database gives its lock up. */
const held = new Set<DatabaseSync>()

/** Of those that start at the same moment, one must win: they step back and try again. */
const CONTENTION_MS = 250

/**
 * Takes the folder for this process, or throws `locked`. The lock is the kernel's, through SQLite, which is the one
 * part of Node that can ask for it: it ends with its process, however that ends, and a process that is merely stopped
 * keeps it. No pid has to be believed, neither one that was used again nor one of another container.
 */
export function lockFolder(dir: string): FolderLock {
  const path = join(dir, LOCK)
  const database = openExclusively(dir, path)
  chmodSync(path, 0o600)
  nameHolder(dir)
  held.add(database)
  return {
    release() {
      if (held.delete(database)) database.close()
    },
  }
}

function openExclusively(dir: string, path: string): DatabaseSync {
  const { DatabaseSync } = sqlite()
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: CONTENTION_MS })
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (cause) {
    database?.close()
    if (isBusy(cause)) throw new LogError('locked', lockedMessage(dir), { cause })
    throw engineError(`lock the folder ${dir}`, cause)
  }
}

function sqlite(): typeof import('node:sqlite') {
  // Not imported: what this package does without files must load where there is no SQLite.
  const module = process.getBuiltinModule('node:sqlite')
  if (module) return module
  throw new Error(
    `A file log needs node:sqlite for its lock; Node ${process.version} has none, 22.13 and later do`,
  )
}

function nameHolder(dir: string): void {
  const holder = { pid: process.pid, since: new Date().toISOString() }
  try {
    writeFileSync(join(dir, HOLDER), `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  } catch {
    // Only a better message for others: a folder on a full disk can be opened and read.
  }
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown } | null)?.errcode === SQLITE_BUSY
}

function lockedMessage(dir: string): string {
  const remedy = 'one process at a time can have it open: close the other one, or use another folder'
  return `The folder ${dir} belongs to ${holderOf(dir)}; ${remedy}`
}

function holderOf(dir: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(join(dir, HOLDER), 'utf8'))
    return pid === process.pid ? `this process (${pid}), since ${since}` : `process ${pid}, since ${since}`
  } catch {
    // It holds the lock and has not yet said who it is.
    return 'another process'
  }
}
