import type { RecordDisk } from '../../src/record/record-disk.ts'

/** A disk in memory that can be full, or take its time. */
export interface FakeDisk extends RecordDisk {
  readonly files: Map<string, string>
  /** Bytes that it has room for; 0 is full. */
  room: number
  /** Whether writes wait until it is false and `release` is called. */
  isStalled: boolean
  release(): void
  writes: number
}

export function fakeDisk(): FakeDisk {
  const waiting: (() => void)[] = []
  const files = new Map<string, string>()
  const disk: FakeDisk = {
    files,
    room: Number.POSITIVE_INFINITY,
    isStalled: false,
    writes: 0,
    release() {
      disk.isStalled = false
      for (const go of waiting.splice(0)) go()
    },
    async open(path) {
      files.set(path, files.get(path) ?? '')
      return {
        sizeBytes: Buffer.byteLength(files.get(path) ?? ''),
        async write(bytes) {
          if (disk.isStalled) await new Promise<void>((resolve) => waiting.push(resolve))
          const count = Math.min(bytes.length, disk.room)
          if (count === 0) throw new Error('ENOSPC: no space left on device, write')
          disk.room -= count
          disk.writes++
          files.set(path, files.get(path) + Buffer.from(bytes.subarray(0, count)).toString('latin1'))
          return count
        },
        close: async () => undefined,
      }
    },
    list: async () => [...files.keys()],
  }
  return disk
}

/** The lines of a file, each parsed. */
export function linesOf(text: string): Record<string, unknown>[] {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('The file ends in the middle of a line')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
