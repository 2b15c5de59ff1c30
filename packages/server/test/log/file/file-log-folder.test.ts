import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRecording } from '@agent-stream/protocol'
import { describe, expect, it, vi } from 'vitest'

import { fileLog } from '../../../src/index.ts'
import {
  allOf,
  collect,
  END,
  events,
  LEASE_MS,
  RETENTION_MS,
  record,
  rejection,
  STARTED_MS,
  start,
} from '../contract/store-under-test.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { faultyDisk } from './faulty-disk.ts'
import { openFolder, runPath, take } from './file-log-harness.ts'

// Each of hundreds of openings and syncs waits for a disk that others may be using.
vi.setConfig({ testTimeout: 60_000 })

const DURABLE = { durability: 'fsync' } as const

const recordingsIn = (dir: string) => readdirSync(dir).filter((name) => name.endsWith('.jsonl'))

describe('the folder of a file log', () => {
  it('is made for its owner alone, and so are the files in it', async () => {
    const dir = join(temporaryFolder(), 'deep', 'er')
    const { store } = openFolder(dir)
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    await store.putIntent(runId, 'cancel', '')
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600)
  })

  it('has a recording for each run, with all that is known of it', async () => {
    const { store, dir } = openFolder()
    const given = record({ idempotencyKey: 'k', input: '{"a": [1.50, "x"]}' })
    const { epoch } = await store.create(given, LEASE_MS)
    await store.append(given.runId, epoch as number, events(1, 3), END)
    await store.release({ runId: given.runId, epoch: epoch as number }, true)
    expect(recordingsIn(dir)).toEqual([`${given.runId}.jsonl`])
    const text = readFileSync(runPath(dir, given.runId), 'utf8')
    const { sessions, problems } = parseRecording(text)
    expect(problems).toEqual([])
    expect(sessions).toMatchObject([
      {
        id: given.runId,
        startedAt: given.startedAt,
        version: 2,
        end: 'complete',
        metadata: { owner: 'ada', idempotency_key: 'k', body_hash: given.bodyHash, input: { a: [1.5, 'x'] } },
      },
    ])
    expect(sessions[0]?.events).toEqual(
      events(1, 3).map(({ seq, atMs, event, data }) => ({
        t: (atMs - STARTED_MS) / 1000,
        event,
        data: JSON.parse(data),
        seq,
      })),
    )
    expect(text).toContain('"event": "token"')
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/, "crc": "[0-9a-f]{8}"\}$/)
  })

  it('keeps input and payloads to the letter', async () => {
    const { store, dir } = openFolder()
    const input = '{"big": 12345678901234567890, "twice": 1, "twice": 2, "n": 1.0}'
    const { runId, epoch } = await start(store, { input })
    const spread = await start(store, { input: '{\n  "a": 1\r\n}' })
    const event = { seq: 1, atMs: STARTED_MS, event: 'custom', data: `{"x":${input},  "y":-0}` }
    await store.append(runId, epoch, [event])
    await store.close()
    const again = openFolder(dir).store
    expect(await again.get(runId)).toMatchObject({ input })
    expect((await again.get(spread.runId))?.input).toBe('{   "a": 1  }')
    expect(await allOf(again, runId)).toEqual([event])
  })

  it('makes no event older than its run', async () => {
    const { store, dir } = openFolder()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, [{ ...events(1, 1)[0], atMs: STARTED_MS - 5000 } as never], {
      ...END,
      atMs: STARTED_MS - 4000,
    })
    await store.close()
    const again = openFolder(dir).store
    expect((await allOf(again, runId))[0]?.atMs).toBe(STARTED_MS)
    expect((await again.get(runId))?.end).toEqual({ ...END, atMs: STARTED_MS })
  })

  it('refuses text that would end its line', async () => {
    const { store } = openFolder()
    const { runId, epoch } = await start(store)
    const broken = [{ ...events(1, 1)[0], data: '{"text":\n"x"}' } as never]
    await expect(store.append(runId, epoch, broken)).rejects.toThrow(TypeError)
    expect(await allOf(store, runId)).toEqual([])
  })

  it('loses the files of a run with the run', async () => {
    let nowMs = STARTED_MS
    const options = { retentionMs: RETENTION_MS, now: () => nowMs }
    const { store, dir } = openFolder(temporaryFolder(), options)
    const [ended, running] = [await start(store), await start(store)]
    for (const { runId } of [ended, running]) await store.putIntent(runId, 'cancel', '')
    await store.append(ended.runId, ended.epoch, events(1, 1), END)
    nowMs += RETENTION_MS + 1
    expect(await store.list({ status: 'ended' })).toEqual([])
    await store.close()
    expect(recordingsIn(dir)).toEqual([`${running.runId}.control.jsonl`, `${running.runId}.jsonl`])
  })

  it('loses those that expired while it was closed, and what a crash left of others', async () => {
    let nowMs = STARTED_MS
    const options = { retentionMs: RETENTION_MS, now: () => nowMs }
    const { store, dir } = openFolder(temporaryFolder(), options)
    const ended = await start(store)
    await store.append(ended.runId, ended.epoch, events(1, 1), END)
    await store.close()
    writeFileSync(join(dir, `${'e'.repeat(32)}.control.jsonl`), '{"epoch": 2}\n')
    nowMs += RETENTION_MS + 1
    const again = openFolder(dir, options).store
    expect(await again.list({})).toEqual([])
    await again.close()
    expect(recordingsIn(dir)).toEqual([])
  })

  it('says that a run is not there whose file somebody has removed', async () => {
    const { store, dir } = openFolder()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1), END)
    await store.close()
    const { store: again } = openFolder(dir)
    rmSync(runPath(dir, runId))
    await rejection(again.read(runId, 0), 'not_found')
    await rejection(
      again.claim(runId, LEASE_MS).then((lease) => again.release(lease as never, true)),
      'not_found',
    )
    expect(existsSync(runPath(dir, runId))).toBe(false)
  })
})

describe('what a file log costs', () => {
  it('is a bounded number of open files', async () => {
    const disk = faultyDisk()
    const { store } = openFolder(temporaryFolder(), {}, disk.openFile)
    const runs = await Promise.all(Array.from({ length: 700 }, () => start(store)))
    let most = 0
    await Promise.all(
      runs.map(async ({ runId, epoch }) => {
        for (let seq = 1; seq <= 3; seq++) {
          await store.append(runId, epoch, events(seq, seq))
          most = Math.max(most, disk.open)
        }
      }),
    )
    expect(most).toBeLessThanOrEqual(256 + 4)
    await store.close()
    expect(disk.open).toBe(0)
  })

  it('is one look at the disk for readers at the same place, and none for those who keep up', async () => {
    const { store, dir } = openFolder()
    const first = await start(store)
    await store.append(first.runId, first.epoch, events(1, 2000))
    await store.close()
    const disk = faultyDisk()
    const { store: again } = openFolder(dir, DURABLE, disk.openFile)
    const { epoch } = await take(again, first.runId)
    const readers = Array.from({ length: 100 }, () => collect(again, first.runId, 0))
    const reads = () => disk.calls.get('read') ?? 0
    await again.read(first.runId, 1999)
    const untilNow = reads()
    for (let seq = 2001; seq <= 2050; seq++) await again.append(first.runId, epoch, events(seq, seq))
    await again.append(first.runId, epoch, events(2051, 2051), END)
    for (const batches of await Promise.all(readers)) expect(batches.flat()).toEqual(events(1, 2051))
    // Pages of 1,000 events of 180 bytes, read in chunks of 64 KiB.
    expect(untilNow).toBeLessThan(20)
    expect(reads() - untilNow).toBeLessThan(20)
  })

  it('is a few chunks for any page of a long run', async () => {
    const { store, dir } = openFolder()
    const { runId, epoch } = await start(store)
    for (let from = 1; from <= 40_000; from += 1000) {
      await store.append(runId, epoch, events(from, from + 999, 'x'.repeat(50)))
    }
    await store.close()
    const disk = faultyDisk()
    const { store: again } = openFolder(dir, {}, disk.openFile)
    expect(statSync(runPath(dir, runId)).size).toBeGreaterThan(7_000_000)
    for (const after of [0, 7, 9_999, 20_000, 31_234, 39_998]) {
      const before = disk.calls.get('read') ?? 0
      expect((await again.read(runId, after, 2)).events).toEqual(events(after + 1, after + 2, 'x'.repeat(50)))
      expect((disk.calls.get('read') ?? 0) - before).toBeLessThan(25)
    }
  })

  it('is a write and a sync for all that waits of a run', async () => {
    const disk = faultyDisk()
    const { store } = openFolder(temporaryFolder(), DURABLE, disk.openFile)
    const { runId, epoch } = await start(store)
    const before = disk.calls.get('datasync') ?? 0
    await Promise.all(Array.from({ length: 500 }, (_, i) => store.append(runId, epoch, events(i + 1, i + 1))))
    expect((disk.calls.get('datasync') ?? 0) - before).toBeLessThanOrEqual(2)
  })
})

describe('fileLog', () => {
  it('refuses options that it cannot follow', () => {
    expect(() => fileLog('')).toThrow('The folder is ""; expected a path')
    expect(() => fileLog(temporaryFolder(), { durability: 'always' as never })).toThrow(
      '"durability" is "always"; expected "fsync" or "os"',
    )
    expect(() => fileLog(temporaryFolder(), { retentionMs: 0 })).toThrow(/"retentionMs" is 0/)
  })
})
