import type { FileHandle } from 'node:fs/promises'

import type { FilePool } from './file-pool.ts'
import type { Slots } from './slots.ts'

/** What the files of one folder share. */
export interface AppendContext {
  readonly files: FilePool
  /** How many files are written at a time. */
  readonly commits: Slots
  /** Whether an answer waits for the disk, or for the operating system only. */
  readonly isSynced: boolean
  /** Makes the names of new files last. */
  readonly syncFolder: () => Promise<void>
  /** Told of the work that goes on, so that it can be waited for. */
  readonly track: (work: Promise<void>) => void
}

export interface AppendFileOptions {
  readonly path: string
  readonly sizeBytes: number
  readonly isNew?: boolean
  /** What the file lacks before anything can be added. */
  readonly repair?: string
  /** There may be bytes behind `sizeBytes`, to be cut off. */
  readonly hasRemains?: boolean
  /** Called before all that waits is rejected. */
  readonly onFailed?: () => void
}

interface Entry {
  readonly text: string
  readonly onCommitted: (() => void) | undefined
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/**
 * A file that is only ever added to. What waits while the disk is busy is written and synced together; what could not
 * be written whole is cut off before anything else is added.
 */
export class AppendFile {
  readonly path: string
  readonly #context: AppendContext
  readonly #onFailed: (() => void) | undefined
  #sizeBytes: number
  #isNew: boolean
  #repair: string
  #hasRemains: boolean
  #queue: Entry[] = []
  #committing: Promise<void> | undefined

  constructor(context: AppendContext, options: AppendFileOptions) {
    this.path = options.path
    this.#context = context
    this.#onFailed = options.onFailed
    this.#sizeBytes = options.sizeBytes
    this.#isNew = options.isNew ?? false
    this.#repair = options.repair ?? ''
    this.#hasRemains = options.hasRemains ?? false
  }

  /** What is committed: whatever stands behind it is not read. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /**
   * Resolves when the text is committed; rejects together with all that waits behind it. `onCommitted` is called
   * before anything else can be added.
   */
  append(text: string, onCommitted?: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ text, onCommitted, resolve, reject })
      if (this.#committing) return
      this.#committing = this.#commitAll()
      this.#context.track(this.#committing)
    })
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    while (this.#committing) await this.#committing
  }

  async #commitAll(): Promise<void> {
    // What is added in the same task is written together.
    await undefined
    while (this.#queue.length > 0) await this.#context.commits.run(() => this.#commit())
    this.#committing = undefined
  }

  async #commit(): Promise<void> {
    const batch = this.#queue
    this.#queue = []
    try {
      await this.#write(Buffer.from(this.#repair + batch.map(({ text }) => text).join('')))
    } catch (cause) {
      const failed = batch.concat(this.#queue)
      this.#queue = []
      this.#onFailed?.()
      for (const { reject } of failed) reject(cause)
      return
    }
    for (const { onCommitted, resolve } of batch) {
      onCommitted?.()
      resolve()
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    const { files, isSynced, syncFolder } = this.#context
    await files.use(this.path, this.#isNew, async (handle) => {
      if (this.#hasRemains) await handle.truncate(this.#sizeBytes)
      this.#hasRemains = true
      await writeAll(handle, bytes, this.#sizeBytes)
      if (isSynced) await handle.datasync()
    })
    if (this.#isNew && isSynced) await syncFolder()
    this.#hasRemains = false
    this.#isNew = false
    this.#repair = ''
    this.#sizeBytes += bytes.length
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
    if (bytesWritten === 0) throw new Error('The file takes no more bytes')
    written += bytesWritten
  }
}
