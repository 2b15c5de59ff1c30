import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Opens files as they are used and keeps the last of them open, so that many runs cost few descriptors. */
export interface FilePool {
  /** `isNew`: the file is made, if there is none. */
  use<T>(path: string, isNew: boolean, task: (handle: FileHandle) => Promise<T>): Promise<T>
  /** Closes the file as soon as nobody uses it. */
  forget(path: string): Promise<void>
  /** Closes all of them. */
  close(): Promise<void>
}

interface Entry {
  readonly opening: Promise<FileHandle>
  users: number
  closing?: Promise<void>
}

export type OpenFile = (path: string, flags: number, mode: number) => Promise<FileHandle>

export function createFilePool(maxOpen: number, openFile: OpenFile = open): FilePool {
  /** The one that was used last comes last. */
  const entries = new Map<string, Entry>()

  function take(path: string, isNew: boolean): Entry {
    const known = entries.get(path)
    const flags = constants.O_RDWR | (isNew ? constants.O_CREAT : 0)
    const entry = known ?? { opening: openFile(path, flags, 0o600), users: 0 }
    entries.delete(path)
    entries.set(path, entry)
    entry.users++
    return entry
  }

  function giveBack(path: string, entry: Entry, isUsable: boolean): void {
    entry.users--
    if (!isUsable && entries.get(path) === entry) entries.delete(path)
    if (entries.get(path) !== entry) closeIdle(entry)
    if (entries.size > maxOpen) closeOldest()
  }

  function closeOldest(): void {
    for (const [path, entry] of entries) {
      if (entry.users > 0) continue
      entries.delete(path)
      closeIdle(entry)
      return
    }
  }

  function closeIdle(entry: Entry): Promise<void> | undefined {
    if (entry.users === 0) {
      // What could not be opened is closed, and a failing close has nothing to lose: all writes were synced.
      entry.closing ??= entry.opening.then((handle) => handle.close()).catch(() => undefined)
    }
    return entry.closing
  }

  return {
    async use(path, isNew, task) {
      const entry = take(path, isNew)
      let isOpen = false
      try {
        const handle = await entry.opening
        isOpen = true
        return await task(handle)
      } finally {
        giveBack(path, entry, isOpen)
      }
    },
    async forget(path) {
      const entry = entries.get(path)
      if (!entry) return
      entries.delete(path)
      await closeIdle(entry)
    },
    async close() {
      const idle = [...entries.values()]
      entries.clear()
      await Promise.all(idle.map(closeIdle))
    },
  }
}
