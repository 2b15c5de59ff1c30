import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Lease, LogDamage, RunStore } from '../../../src/index.ts'
import { type FileLogOptions, openFileLog } from '../../../src/log/file/file-log.ts'
import type { OpenFile } from '../../../src/log/file/file-pool.ts'
import { END, events, LEASE_MS, record } from '../contract/store-under-test.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface OpenedFolder {
  readonly store: RunStore
  readonly dir: string
  readonly damage: LogDamage[]
}

/** Opens a folder until the end of the test; by default a new one, and without syncs, which none of this needs. */
export function openFolder(
  dir: string = temporaryFolder(),
  options: FileLogOptions = {},
  openFile?: OpenFile,
): OpenedFolder {
  const damage: LogDamage[] = []
  const onDamage = (one: LogDamage) => damage.push(one)
  const store = openFileLog(dir, { durability: 'os', onDamage, ...options }, openFile)
  onTestFinished(() => store.close())
  return { store, dir, damage }
}

export const runPath = (dir: string, runId: string): string => join(dir, `${runId}.jsonl`)

export interface WrittenRun {
  readonly runId: string
  readonly dir: string
  readonly bytes: Buffer
  /** Where each line begins: the header, then the events. */
  readonly lineStarts: readonly number[]
}

/** A folder with one run of so many events that nobody has open. */
export async function writtenRun(count: number, { hasEnded = false } = {}): Promise<WrittenRun> {
  const dir = temporaryFolder()
  const store = openFileLog(dir, { durability: 'os' })
  const { run, epoch } = await store.create(record(), LEASE_MS)
  const lease = { runId: run.runId, epoch: epoch as number }
  await store.append(lease.runId, lease.epoch, events(1, count), hasEnded ? END : undefined)
  await store.release(lease, true)
  await store.close()
  const bytes = readFileSync(runPath(dir, run.runId))
  const lineStarts = [0]
  for (let at = bytes.indexOf('\n') + 1; at < bytes.length; at = bytes.indexOf('\n', at) + 1)
    lineStarts.push(at)
  return { runId: run.runId, dir, bytes, lineStarts }
}

/** Opens a copy of the run's folder in which its file has these bytes. */
export function openWith(
  { runId, dir }: WrittenRun,
  bytes: Uint8Array,
  copy = temporaryFolder(),
): OpenedFolder {
  cpSync(dir, copy, { recursive: true })
  writeFileSync(runPath(copy, runId), bytes)
  return openFolder(copy)
}

/** Takes a run that nobody holds. */
export async function take(store: RunStore, runId: string): Promise<Lease> {
  const lease = await store.claim(runId, LEASE_MS)
  if (!lease) throw new Error(`The run ${runId} cannot be claimed`)
  return lease
}
