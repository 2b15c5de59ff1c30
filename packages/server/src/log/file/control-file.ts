import { readFile } from 'node:fs/promises'
import { spacedJson } from '@agent-stream/protocol'

import { type AppendContext, AppendFile } from './append-file.ts'
import type { LogDamage } from './log-damage.ts'
import { isWhole, logLine, parseObject } from './run-lines.ts'

/**
 * What is kept of a run beside its events: what was asked of it, and the epochs of those who took it over. A file of
 * its own, made when there is something to write: most runs have none.
 */
export interface ControlFile {
  /** The highest epoch that was given out. */
  readonly epoch: number
  readonly intents: ReadonlyMap<string, string>
  storeEpoch(epoch: number): Promise<void>
  /** The stored value: the first one. */
  storeIntent(name: string, value: string): Promise<string>
}

export interface ControlFileOptions {
  readonly path: string
  readonly onDamage: (damage: LogDamage) => void
  readonly context: AppendContext
}

/** The epoch that `create` gives out: it needs no line. */
export const FIRST_EPOCH = 1

export function newControlFile({ path, context }: ControlFileOptions): ControlFile {
  return controlFile(new AppendFile(context, { path, sizeBytes: 0, isNew: true }), emptyControl())
}

/** Reads the file, if there is one. What it says was read may not be lost: it is synced before. */
export async function readControlFile(options: ControlFileOptions): Promise<ControlFile> {
  const { path, onDamage, context } = options
  const bytes = await readIfThere(path)
  if (!bytes) return newControlFile(options)
  if (context.isSynced) await context.files.use(path, false, (handle) => handle.datasync())
  const control = emptyControl()
  const sizeBytes = bytes.lastIndexOf('\n') + 1
  for (let offset = 0; offset < sizeBytes; ) {
    const lineEnd = bytes.indexOf('\n', offset)
    const isRead = applyLine(control, bytes.toString('utf8', offset, lineEnd))
    if (!isRead) onDamage({ file: path, offset, problem: 'unreadable_line' })
    offset = lineEnd + 1
  }
  const hasRemains = sizeBytes < bytes.length
  if (hasRemains) onDamage({ file: path, offset: sizeBytes, problem: 'torn_tail' })
  return controlFile(new AppendFile(context, { path, sizeBytes, hasRemains }), control)
}

interface Control {
  epoch: number
  readonly intents: Map<string, string>
}

const emptyControl = (): Control => ({ epoch: FIRST_EPOCH, intents: new Map() })

function controlFile(file: AppendFile, control: Control): ControlFile {
  /** Values on their way to the disk: who comes second waits for what becomes of the first. */
  const storing = new Map<string, Promise<void>>()

  async function store(name: string, value: string): Promise<void> {
    await file.append(controlLine({ name, value }))
    control.intents.set(name, value)
  }

  return {
    get epoch() {
      return control.epoch
    },
    intents: control.intents,
    async storeEpoch(epoch) {
      await file.append(controlLine({ epoch }))
      control.epoch = epoch
    },
    async storeIntent(name, value) {
      for (let stored = control.intents.get(name); ; stored = control.intents.get(name)) {
        if (stored !== undefined) return stored
        const other = storing.get(name)
        if (!other) break
        await other.catch(() => undefined)
      }
      const work = store(name, value).finally(() => storing.delete(name))
      storing.set(name, work)
      await work
      return value
    },
  }
}

function controlLine(fields: Readonly<Record<string, unknown>>): string {
  return logLine(spacedJson(fields))
}

function applyLine(control: Control, line: string): boolean {
  const fields = isWhole(line) && parseObject(line)
  if (!fields) return false
  const { name, value, epoch } = fields
  if (typeof epoch === 'number') control.epoch = Math.max(control.epoch, epoch)
  else if (typeof name !== 'string' || typeof value !== 'string') return false
  else if (!control.intents.has(name)) control.intents.set(name, value)
  return true
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}
