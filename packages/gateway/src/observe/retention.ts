import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface RetentionLimits {
  /** The most that the folder's recordings take, in bytes. */
  readonly maxBytes: number
  /** The most cassettes there are. */
  readonly maxCassettes: number
}

interface RecordedFile {
  readonly path: string
  readonly isCassette: boolean
  readonly sizeBytes: number
  readonly changedMs: number
}

/** Removes the oldest recordings of a folder until it is within its limits. The sessions' latest file stays. */
export async function prune(folder: string, { maxBytes, maxCassettes }: RetentionLimits): Promise<number> {
  const files = (await recordedFiles(folder)).sort((a, b) => a.changedMs - b.changedMs)
  const latestSessions = files.findLast(({ isCassette }) => !isCassette)
  let bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let cassettes = files.filter(({ isCassette }) => isCassette).length
  let removed = 0
  for (const file of files) {
    const isTooMany = bytes > maxBytes || (file.isCassette && cassettes > maxCassettes)
    if (!isTooMany || file === latestSessions) continue
    await rm(file.path, { force: true })
    bytes -= file.sizeBytes
    if (file.isCassette) cassettes--
    removed++
  }
  return removed
}

/** Only what the gateway writes: cassettes, and sessions. */
async function recordedFiles(folder: string): Promise<RecordedFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files: RecordedFile[] = []
  for (const name of names) {
    const isCassette = /^[^.].*\.json$/.test(name)
    if (!isCassette && !/^sessions\b.*\.jsonl$/.test(name)) continue
    const path = join(folder, name)
    // One that went meanwhile needs no removal.
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile()) files.push({ path, isCassette, sizeBytes: found.size, changedMs: found.mtimeMs })
  }
  return files
}
