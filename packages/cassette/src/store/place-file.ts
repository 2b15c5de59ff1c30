import { randomUUID } from 'node:crypto'
import { constants, copyFile, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { sha256 } from '../key/digest.ts'
import { isMissing, systemCode } from './system-error.ts'

export interface PlaceOptions {
  /** Whether the file is on the disk, and not only with the system, before it is there. */
  readonly fsync: boolean
}

/** Beginnings of names of files on their way: a process that was killed leaves them behind. */
export const isLeftover = (name: string) => /^\..+\.(?:tmp|claim)$/.test(name)

/**
 * Writes a new file, at once as a whole, which only its owner may read. False if there is one of this name: two
 * processes cannot both have it.
 */
export async function placeNew(path: string, text: string, options: PlaceOptions): Promise<boolean> {
  return withTemporary(path, text, options, async (temporary) => {
    try {
      await linkOrCopy(temporary, path)
      return true
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false
      throw error
    }
  })
}

/**
 * Puts a file in the place of the one whose content is `old`, at once. False if another process has done so, or is
 * about to: its claim is a file that only one can make. There is always one of the two.
 */
export async function placeInstead(
  path: string,
  old: Uint8Array,
  text: string,
  options: PlaceOptions,
): Promise<boolean> {
  const claim = besides(path, `${sha256(old).slice(0, 16)}.claim`)
  if (!(await makeClaim(claim)) && !((await breakClaim(claim)) && (await makeClaim(claim)))) return false
  try {
    const current = await readIfThere(path)
    if (!current || Buffer.compare(current, old) !== 0) return false
    return await withTemporary(path, text, options, async (temporary) => {
      await rename(temporary, path)
      return true
    })
  } finally {
    await rm(claim, { force: true })
  }
}

async function makeClaim(claim: string): Promise<boolean> {
  try {
    await (await open(claim, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Whoever holds a claim for so long was killed. */
const STALE_CLAIM_MS = 60_000

/** Takes a claim away that its process has left behind: by another name first, as another one may do the same. */
async function breakClaim(claim: string): Promise<boolean> {
  try {
    const { mtimeMs, ino } = await stat(claim)
    if (Date.now() - mtimeMs < STALE_CLAIM_MS) return false
    const taken = `${claim}.${randomUUID()}.tmp`
    await rename(claim, taken)
    const isStale = (await stat(taken)).ino === ino
    if (!isStale) await link(taken, claim)
    await rm(taken, { force: true })
    return isStale
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'EEXIST') return false
    throw error
  }
}

export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function withTemporary<T>(
  path: string,
  text: string,
  { fsync }: PlaceOptions,
  place: (temporary: string) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = besides(path, `${randomUUID()}.tmp`)
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      if (fsync) await handle.sync()
    } finally {
      await handle.close()
    }
    return await place(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Some file systems have no links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!/^(?:EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EMLINK)$/.test(systemCode(error) ?? '')) throw error
    await copyFile(from, to, constants.COPYFILE_EXCL)
  }
}

function besides(path: string, ending: string): string {
  return join(dirname(path), `.${basename(path)}.${ending}`)
}
