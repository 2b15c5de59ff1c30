import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'

import { repairOf } from './torn-line.ts'

/** A file that is only ever added to. */
export interface RecordFile {
  /** When it was opened. */
  readonly sizeBytes: number
  /** Gives how many of the bytes were written. */
  write(bytes: Uint8Array): Promise<number>
  close(): Promise<void>
}

export interface RecordDisk {
  /** Makes what is missing of the folder and the file, and repairs the file's last line. */
  open(path: string): Promise<RecordFile>
  /** The names in a folder; none if there is no such folder. */
  list(folder: string): Promise<readonly string[]>
}

export const recordDisk: RecordDisk = {
  async open(path) {
    await mkdir(dirname(path), { recursive: true })
    // For adding: whoever else writes to the file is not overwritten.
    const handle = await open(path, 'a+', 0o600)
    try {
      const sizeBytes = await repair(handle)
      return {
        sizeBytes,
        write: async (bytes) => (await handle.write(bytes)).bytesWritten,
        close: () => handle.close(),
      }
    } catch (error) {
      await handle.close()
      throw error
    }
  },
  async list(folder) {
    try {
      return await readdir(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  },
}

const LINE_END = 0x0a
const CHUNK_BYTES = 65_536
/** A longer line is no line that a recorder would go on with. */
const MAX_LINE_BYTES = 2 ** 26

/** Ends or cuts off an unfinished last line. Gives the size of what there is then. */
async function repair(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat()
  const start = await lastLineStart(handle, size)
  if (start === size) return size
  const length = Math.min(size - start, MAX_LINE_BYTES)
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, start)
  if (repairOf(buffer.toString()) === 'cut') {
    await handle.truncate(start)
    return start
  }
  await handle.write('\n')
  return size + 1
}

async function lastLineStart(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size))
  for (let end = size; end > 0; ) {
    const length = Math.min(end, chunk.length)
    const { bytesRead } = await handle.read(chunk, 0, length, end - length)
    const lineEnd = chunk.subarray(0, bytesRead).lastIndexOf(LINE_END)
    if (lineEnd >= 0) return end - length + lineEnd + 1
    end -= length
  }
  return 0
}
