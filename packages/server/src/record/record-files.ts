import { dirname } from 'node:path'

import { lastPart, partPath } from './part-name.ts'
import type { RecordDisk, RecordFile } from './record-disk.ts'

export interface Rotation {
  /** A file that would grow beyond it is followed by another. In bytes. */
  readonly maxFileBytes: number
  /** Whether each day (UTC) has its own files. */
  readonly isDaily: boolean
}

export interface CurrentFile {
  /** Counts the files that were opened, from 1. */
  readonly number: number
  readonly file: RecordFile
  readonly path: string
  sizeBytes: number
}

/** The files of a recording, of which one is open. */
export class RecordFiles {
  readonly #path: string
  readonly #rotation: Rotation
  readonly #disk: RecordDisk
  readonly #now: () => number
  #current: CurrentFile | undefined
  #day: string | undefined
  #part = 0
  #opened = 0

  constructor(path: string, rotation: Rotation, disk: RecordDisk, now: () => number) {
    this.#path = path
    this.#rotation = rotation
    this.#disk = disk
    this.#now = now
  }

  /** The file for what is written next: it has room for so many bytes, and it is today's. */
  async current(moreBytes: number): Promise<CurrentFile> {
    const day = this.#rotation.isDaily ? new Date(this.#now()).toISOString().slice(0, 10) : undefined
    if (this.#current && day === this.#day && !this.isFull(this.#current, moreBytes)) return this.#current
    // Where the process before this one stopped.
    if (this.#part === 0 || day !== this.#day)
      this.#part = lastPart(this.#path, day, await this.#disk.list(dirname(this.#path)))
    else if (this.#current) this.#part++
    await this.close()
    this.#day = day
    for (;;) {
      const path = partPath(this.#path, this.#part, day)
      const file = await this.#disk.open(path)
      const opened = { number: this.#opened + 1, file, path, sizeBytes: file.sizeBytes }
      this.#current = opened
      this.#opened++
      if (!this.isFull(opened, moreBytes)) return opened
      await this.close()
      this.#part++
    }
  }

  /** Whether so many bytes more are too many. An empty file takes any. */
  isFull({ sizeBytes }: Pick<CurrentFile, 'sizeBytes'>, moreBytes: number): boolean {
    return sizeBytes > 0 && sizeBytes + moreBytes > this.#rotation.maxFileBytes
  }

  async close(): Promise<void> {
    const file = this.#current?.file
    this.#current = undefined
    await file?.close()
  }
}
