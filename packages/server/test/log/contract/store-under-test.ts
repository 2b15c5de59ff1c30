import { randomBytes } from 'node:crypto'
import { afterEach, expect } from 'vitest'

import {
  LogError,
  type LogErrorCode,
  type LogEvent,
  type RunRecord,
  type RunStore,
} from '../../../src/index.ts'

/** A fresh, empty store. */
export interface OpenedStore {
  readonly store: RunStore
  /** The same store as another process has it open; `store` itself where there can be just one. */
  readonly peer: RunStore
  /** Lets time pass for leases and retention. Nothing waits for real. */
  passTime(ms: number): void | Promise<void>
  /** Frees what the test took. Called after each test, when the stores are closed. */
  dispose?(): void | Promise<void>
}

/** A store that outlives its process. */
export interface DurableStore extends OpenedStore {
  /** Ends the store's process without a word, as SIGKILL does, and opens what it left. */
  crash(): Promise<RunStore>
}

export interface StoreOptions {
  readonly retentionMs: number
}

export type Open<S extends OpenedStore> = (options: StoreOptions) => S | Promise<S>

export interface Started {
  readonly runId: string
  readonly epoch: number
}

export const LEASE_MS = 15_000
export const RETENTION_MS = 3_600_000
/** When all runs start and events happen, unless a test says otherwise. */
export const STARTED_MS = Date.now()
export const END = { atMs: STARTED_MS, outcome: 'complete' }

export const anyRunId = (): string => randomBytes(16).toString('hex')

export function record(overrides: Partial<RunRecord> = {}): RunRecord {
  return {
    runId: anyRunId(),
    owner: 'ada',
    startedAt: new Date(STARTED_MS).toISOString(),
    input: '{"message": "hello"}',
    bodyHash: 'a'.repeat(64),
    ...overrides,
  }
}

/** Events numbered `from` to `to`. */
export function events(from: number, to: number, text = 'x'): LogEvent[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => ({
    seq: from + i,
    atMs: STARTED_MS + from + i,
    event: 'token',
    data: `{"text": "${text}${from + i}"}`,
  }))
}

export async function start(store: RunStore, overrides?: Partial<RunRecord>): Promise<Started> {
  const { run, epoch } = await store.create(record(overrides), LEASE_MS)
  return { runId: run.runId, epoch: epoch as number }
}

/** Everything that a run's log has, page by page. */
export async function allOf(store: RunStore, runId: string): Promise<LogEvent[]> {
  const all: LogEvent[] = []
  for (let cursor = 0; ; ) {
    const page = await store.read(runId, cursor)
    all.push(...page.events)
    cursor = page.events.at(-1)?.seq ?? page.last
    if (cursor >= page.last) return all
  }
}

export interface CollectOptions {
  readonly signal?: AbortSignal
  readonly onBatch?: () => void
}

/** The batches that a follower gets, until it ends. */
export async function collect(
  store: RunStore,
  runId: string,
  after: number,
  { signal = new AbortController().signal, onBatch }: CollectOptions = {},
): Promise<(readonly LogEvent[])[]> {
  const batches: (readonly LogEvent[])[] = []
  for await (const batch of store.follow(runId, after, signal)) {
    batches.push(batch)
    onBatch?.()
  }
  return batches
}

/** The promise's rejection, which must be a `LogError` of this code. */
export async function rejection(promise: Promise<unknown>, code: LogErrorCode): Promise<LogError> {
  const error: unknown = await promise.then(
    () => 'resolved',
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(LogError)
  expect(error).toMatchObject({ code })
  return error as LogError
}

/** Opens stores for the tests of one file, and closes them after each. */
export function setUpWith<S extends OpenedStore>(open: Open<S>): (options?: StoreOptions) => Promise<S> {
  const opened: S[] = []
  afterEach(async () => {
    for (const { store, peer, dispose } of opened.splice(0)) {
      await store.close()
      await peer.close()
      await dispose?.()
    }
  })
  return async (options = { retentionMs: RETENTION_MS }) => {
    const one = await open(options)
    opened.push(one)
    return one
  }
}
