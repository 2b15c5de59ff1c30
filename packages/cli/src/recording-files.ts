import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { reasonOf } from './system-error.ts'

/** Stands for stdin among the paths. */
export const STDIN = '-'

export interface RecordingFile {
  readonly path: string
  /** 0 where it is not known, as of pipes. */
  readonly sizeBytes: number
}

/**
 * The files that the paths name, in that order: a file is itself, a folder all `.jsonl` below it, sorted so that
 * `rec.jsonl` is followed by `rec.2.jsonl`, and that by `rec.10.jsonl`. What cannot be had is told of, and the rest still comes.
 */
export async function recordingFiles(
  paths: readonly string[],
  onProblem: (message: string) => void,
): Promise<RecordingFile[]> {
  const files: RecordingFile[] = []

  /** Adds the path's own files; false if it has none. */
  async function add(path: string): Promise<boolean> {
    const stats = await stat(path)
    if (!stats.isDirectory()) return files.push({ path, sizeBytes: stats.size }) > 0
    const entries = await readdir(path, { withFileTypes: true })
    let hasFiles = false
    for (const entry of entries.filter(isOfRecordings).sort(byName))
      hasFiles = (await tryAdd(join(path, entry.name))) || hasFiles
    return hasFiles
  }

  async function tryAdd(path: string): Promise<boolean> {
    try {
      return await add(path)
    } catch (error) {
      onProblem(`${path}: ${reasonOf(error)}`)
      return true
    }
  }

  for (const path of paths) {
    if (path === STDIN) files.push({ path, sizeBytes: 0 })
    else if (!(await tryAdd(path))) onProblem(`${path}: a folder without recordings (*.jsonl)`)
  }
  return files
}

/** A run log keeps what was asked of a run in a control file beside it. */
function isOfRecordings(entry: Dirent): boolean {
  if (entry.isDirectory()) return true
  return entry.name.endsWith('.jsonl') && !entry.name.endsWith('.control.jsonl')
}

/** Without the extension, or `rec.2.jsonl` would come before `rec.jsonl`. */
function byName(a: Dirent, b: Dirent): number {
  const [nameOfA, nameOfB] = [a, b].map(({ name }) => name.replace(/\.jsonl$/, '')) as [string, string]
  return nameOfA.localeCompare(nameOfB, 'en', { numeric: true })
}
