import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dialect } from '@agent-stream/protocol'

import { MODEL_DIALECTS } from '../record/model-dialects.ts'
import { agentrecText } from './agentrec-json.ts'
import { cassetteText } from './cassette-json.ts'
import type { Cassette, CassetteRef, CassetteStore, StoreEntry, WriteOptions } from './cassette-store.ts'
import { type FileLayout, fileName, type NamedFile, readFileName } from './file-name.ts'
import { createFolderIndex, namesIn } from './folder-index.ts'
import { isLeftover, placeInstead, placeNew, readIfThere } from './place-file.ts'
import { readCassette, unreadable } from './read-cassette.ts'
import { isMissing } from './system-error.ts'

export interface FileStoreOptions {
  /** How files are written; either is read. Default `json`; `agentrec` is for its users' tools. */
  readonly layout?: FileLayout
  /** Whether a cassette is on the disk, and not only with the system, before it is there. Default true. */
  readonly fsync?: boolean
  /** A larger file is reported and not read, in bytes. Default 268,435,456 (256 MiB). */
  readonly maxFileBytes?: number
  /** The wires by which an old recording is found to lack its end. Default: OpenAI's two and Anthropic's. */
  readonly dialects?: readonly Dialect[]
}

const LAYOUTS: readonly FileLayout[] = ['json', 'agentrec']
const MAX_FILE_BYTES = 2 ** 28

/**
 * Cassettes in a folder, a file each, mode 0600: readable JSON, a chunk a line, so that a change shows in a diff. The
 * folder is made with the first one. Corpora of agentrec are read as they are.
 */
export function fileStore(folder: string, options: FileStoreOptions = {}): CassetteStore {
  const { layout = 'json', fsync = true, maxFileBytes = MAX_FILE_BYTES, dialects = MODEL_DIALECTS } = options
  if (!LAYOUTS.includes(layout)) {
    throw new TypeError(`The layout is ${JSON.stringify(layout)}; expected "json" or "agentrec"`)
  }
  const folderIndex = createFolderIndex(folder, () => Date.now())

  /** Where it is, or would be. */
  async function pathOf(ref: CassetteRef): Promise<string> {
    const own = join(folder, fileName(ref, layout))
    const other = join(folder, fileName(ref, layout === 'json' ? 'agentrec' : 'json'))
    return (await exists(own)) || !(await exists(other)) ? own : other
  }

  async function readAt(name: string, ref: CassetteRef): Promise<StoreEntry | undefined> {
    const path = join(folder, name)
    const sizeBytes = await fileSize(path)
    if (sizeBytes === undefined) return undefined
    if (sizeBytes > maxFileBytes) {
      const message = `${name}: ${sizeBytes} bytes; the limit is ${maxFileBytes} (maxFileBytes)`
      return { type: 'problem', problem: { name, code: 'too_large', message } }
    }
    return readCassette(name, await readFile(path), ref, dialects)
  }

  /** False if the place is taken. */
  async function writeAt(cassette: Cassette, text: string, { replaces }: WriteOptions): Promise<boolean> {
    const path = await pathOf(cassette)
    const old = await readIfThere(path)
    if (!old) return placeNew(path, text, { fsync })
    if (!replaces) return false
    const stored = await readCassette(path, old, cassette, dialects)
    // What is torn is nobody's recording.
    const isReplaced = stored.type === 'problem' ? stored.problem.code === 'torn' : replaces(stored.cassette)
    return isReplaced && placeInstead(path, old, text, { fsync })
  }

  return {
    async occurrences(id) {
      const index = await folderIndex()
      const all = LAYOUTS.flatMap((each) => index.get(fileName({ id, occurrence: 1 }, each)) ?? [])
      return [...new Set(all)].sort((a, b) => a - b)
    },

    async read(ref) {
      for (const each of [layout, ...LAYOUTS]) {
        const entry = await readAt(fileName(ref, each), ref)
        if (entry?.type === 'problem') throw unreadable(entry.problem)
        if (entry && entry.cassette.id === ref.id) return entry.cassette
      }
      return undefined
    },

    async write(cassette, writeOptions = {}) {
      const isPartial = cassette.exchange.end.type !== 'complete'
      if (layout === 'agentrec' && isPartial) return undefined
      for (let { occurrence } = cassette; ; occurrence++) {
        const placed = { ...cassette, occurrence }
        const text = layout === 'agentrec' ? agentrecText(placed) : cassetteText(placed)
        if (await writeAt(placed, text, writeOptions)) return { id: cassette.id, occurrence }
      }
    },

    async remove(ref) {
      const path = await pathOf(ref)
      if (!(await exists(path))) return false
      await rm(path, { force: true })
      return true
    },

    async *entries() {
      const names = await namesIn(folder)
      for (const name of names.filter(isLeftover)) yield leftover(name)
      for (const { name, first, occurrence } of cassetteFiles(names)) {
        const id = first.slice(0, -'.json'.length)
        // Removed meanwhile, if there is none.
        const entry = await readAt(name, { id, occurrence })
        if (entry) yield entry
      }
    },
  }
}

/** In the order of their ids and occurrences. */
function cassetteFiles(names: readonly string[]): readonly (NamedFile & { readonly name: string })[] {
  const files = names.flatMap((name) =>
    readFileName(name)
      .slice(0, 1)
      .map((file) => ({ name, ...file })),
  )
  return files.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.occurrence - b.occurrence))
}

function leftover(name: string): StoreEntry {
  const message = `${name}: left by a process that writes, or was killed while it did`
  return { type: 'problem', problem: { name, code: 'leftover', message } }
}

async function exists(path: string): Promise<boolean> {
  return (await fileSize(path)) !== undefined
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
