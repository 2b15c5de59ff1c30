import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

import { LogError } from './log-error.ts'

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
  const database = new (sqlite().DatabaseSync)(path, { timeout: CONTENTION_MS })
  try {
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw isBusy(cause) ? new LogError('locked', lockedMessage(dir), { cause }) : cause
  }
  chmodSync(path, 0o600)
  const holder = { pid: process.pid, since: new Date().toISOString() }
  writeFileSync(join(dir, HOLDER), `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  held.add(database)
  return {
    release() {
      if (held.delete(database)) database.close()
    },
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
