import { type FileHandle, open } from 'node:fs/promises'

import type { OpenFile } from '../../../src/log/file/file-pool.ts'

/** What goes wrong with a call. */
export type Fault =
  | 'full'
  | 'full after some bytes'
  | 'sync fails'
  | 'cut fails'
  | 'read fails'
  | 'open fails'

export interface FaultyDisk {
  /** In force until it is set again. */
  fault: Fault | undefined
  /** Calls that reached files, by name. */
  readonly calls: Map<string, number>
  /** How many files are open. */
  open: number
  readonly openFile: OpenFile
}

const failure = (code: string, message: string) => Object.assign(new Error(`${code}: ${message}`), { code })
const noSpace = () => failure('ENOSPC', 'no space left on device, write')
const ioError = (call: string) => failure('EIO', `i/o error, ${call}`)

/** The file system, until it is told to fail. */
export function faultyDisk(): FaultyDisk {
  const disk: FaultyDisk = {
    fault: undefined,
    calls: new Map(),
    open: 0,
    async openFile(path, flags, mode) {
      if (disk.fault === 'open fails') throw failure('EMFILE', 'too many open files')
      const handle = await open(path, flags, mode)
      disk.open++
      return withFaults(disk, handle)
    },
  }
  return disk
}

function withFaults(disk: FaultyDisk, handle: FileHandle): FileHandle {
  const faulty: Partial<Record<string, (...args: never[]) => Promise<unknown>>> = {
    async write(bytes: Buffer, offset: number, length: number, position: number) {
      if (disk.fault === 'full') throw noSpace()
      if (disk.fault === 'full after some bytes') {
        const some = Math.min(length, 40)
        // As the system does it: first what there is room for, then nothing.
        if (position % 2 === 0 || offset > 0) {
          if (offset === 0) await handle.write(bytes, offset, some, position)
          throw noSpace()
        }
        return handle.write(bytes, offset, some, position)
      }
      return handle.write(bytes, offset, length, position)
    },
    async datasync() {
      if (disk.fault === 'sync fails') throw ioError('fdatasync')
      return handle.datasync()
    },
    async truncate(length: number) {
      if (disk.fault === 'cut fails') throw ioError('ftruncate')
      return handle.truncate(length)
    },
    async close() {
      disk.open--
      return handle.close()
    },
    async read(...args: Parameters<FileHandle['read']>) {
      if (disk.fault === 'read fails') throw ioError('read')
      return handle.read(...args)
    },
  }
  return new Proxy(handle, {
    get(target, key) {
      const value = faulty[String(key)] ?? Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...args: never[]) => {
        disk.calls.set(String(key), (disk.calls.get(String(key)) ?? 0) + 1)
        return value.apply(target, args)
      }
    },
  })
}
