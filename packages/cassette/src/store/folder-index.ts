import { readdir, stat } from 'node:fs/promises'

import { readFileName } from './file-name.ts'
import { isMissing } from './system-error.ts'

/** Which occurrences there are, by the file name of the first. */
export type FolderIndex = ReadonlyMap<string, readonly number[]>

/** A folder may change again without another time of change: within what its clock can tell, and then some. */
const SETTLED_MS = 2000

/** Lists a folder anew only when it has changed. `now` gives milliseconds since 1970. */
export function createFolderIndex(folder: string, now: () => number): () => Promise<FolderIndex> {
  let known: { readonly changedNs: bigint; readonly index: FolderIndex } | undefined
  return async () => {
    const changedNs = await changeTime(folder)
    if (known && known.changedNs === changedNs) return known.index
    const index = indexOf(await namesIn(folder))
    const isSettled = Number(changedNs / 1_000_000n) < now() - SETTLED_MS
    known = isSettled ? { changedNs, index } : undefined
    return index
  }
}

/** The names in a folder; none if there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function changeTime(folder: string): Promise<bigint> {
  try {
    return (await stat(folder, { bigint: true })).mtimeNs
  } catch (error) {
    if (isMissing(error)) return 0n
    throw error
  }
}

function indexOf(names: readonly string[]): FolderIndex {
  const index = new Map<string, number[]>()
  for (const { first, occurrence } of names.flatMap(readFileName)) {
    const occurrences = index.get(first)
    if (occurrences) occurrences.push(occurrence)
    else index.set(first, [occurrence])
  }
  return index
}
