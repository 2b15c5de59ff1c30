import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { parseRecording } from '@agent-stream/protocol'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { LogError } from '../../../src/index.ts'
import {
  allOf,
  collect,
  END,
  events,
  LEASE_MS,
  record,
  rejection,
  start,
} from '../contract/store-under-test.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type Fault, faultyDisk } from './faulty-disk.ts'
import { openFolder, runPath, take } from './file-log-harness.ts'

// Each of hundreds of openings and syncs waits for a disk that others may be using.
vi.setConfig({ testTimeout: 60_000 })

const DURABLE = { durability: 'fsync' } as const
const WRITE_FAULTS = ['full', 'full after some bytes', 'sync fails'] as const

function setUp() {
  const disk = faultyDisk()
  return { disk, ...openFolder(temporaryFolder(), DURABLE, disk.openFile) }
}

describe('a disk that cannot be written', () => {
  it.each(WRITE_FAULTS)('costs the append, and nothing that was acknowledged (%s)', async (fault) => {
    const { disk, store, dir } = setUp()
    const runs = await Promise.all([1, 2, 3].map(() => start(store)))
    for (const { runId, epoch } of runs) await store.append(runId, epoch, events(1, 3))
    disk.fault = fault
    for (const { runId, epoch } of runs) {
      const error = await rejection(store.append(runId, epoch, events(4, 9)), 'unavailable')
      expect(error.retryable).toBe(true)
      expect(error.message).toContain(`Cannot write the log of run ${runId}: `)
      expect(await allOf(store, runId)).toEqual(events(1, 3))
    }
    disk.fault = undefined
    for (const { runId, epoch } of runs) {
      await store.append(runId, epoch, events(4, 9), END)
      expect(await allOf(store, runId)).toEqual(events(1, 9))
      const { sessions, problems } = parseRecording(readFileSync(runPath(dir, runId), 'utf8'))
      expect(problems).toEqual([])
      expect(sessions[0]?.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
  })

  it('waits for descriptors that others have', async () => {
    const { store, dir } = setUp()
    const lease = await start(store)
    await store.close()
    const disk = faultyDisk()
    const { store: again } = openFolder(dir, DURABLE, disk.openFile)
    disk.fault = 'open fails'
    await rejection(again.claim(lease.runId, LEASE_MS), 'unavailable')
    disk.fault = undefined
    const { epoch } = await take(again, lease.runId)
    await again.append(lease.runId, epoch, events(1, 1))
  })

  it('says that the disk is full', async () => {
    const { disk, store } = setUp()
    const { runId, epoch } = await start(store)
    disk.fault = 'full'
    const error = await rejection(store.append(runId, epoch, events(1, 1)), 'unavailable')
    expect(error.message).toBe(`Cannot write the log of run ${runId}: the disk is full`)
    expect(error.cause).toMatchObject({ code: 'ENOSPC' })
  })

  it('fails all that waits behind it, and then takes the same appends', async () => {
    const { disk, store } = setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    disk.fault = 'full after some bytes'
    const appends = [2, 3, 4].map((seq) => store.append(runId, epoch, events(seq, seq)))
    const repeated = store.append(runId, epoch, events(2, 2))
    for (const append of [...appends, repeated]) await rejection(append, 'unavailable')
    disk.fault = undefined
    await store.append(runId, epoch, events(1, 1))
    expect(await rejection(store.append(runId, epoch, events(3, 3)), 'rewound')).toMatchObject({ last: 1 })
    await Promise.all([2, 3, 4].map((seq) => store.append(runId, epoch, events(seq, seq))))
    expect(await allOf(store, runId)).toEqual(events(1, 4))
  })

  it('adds nothing behind remains that cannot be cut off', async () => {
    const { disk, store, dir } = setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    disk.fault = 'full after some bytes'
    await rejection(store.append(runId, epoch, events(2, 9)), 'unavailable')
    disk.fault = 'cut fails'
    await rejection(store.append(runId, epoch, events(2, 9)), 'unavailable')
    disk.fault = undefined
    await store.append(runId, epoch, events(2, 2))
    expect(await allOf(store, runId)).toEqual(events(1, 2))
    expect(parseRecording(readFileSync(runPath(dir, runId), 'utf8')).problems).toEqual([])
  })

  it.each([...WRITE_FAULTS, 'open fails'] as const)(
    'leaves nothing of a run that could not be created (%s)',
    async (fault) => {
      const { disk, store, dir } = setUp()
      const given = record({ idempotencyKey: 'k' })
      disk.fault = fault
      const [first, second] = [store.create(given, LEASE_MS), store.create({ ...given }, LEASE_MS)]
      await rejection(first, 'unavailable')
      await rejection(second, 'unavailable')
      expect(await store.list({})).toEqual([])
      expect(readdirSync(dir).filter((name) => name.endsWith('.jsonl'))).toEqual([])
      disk.fault = undefined
      expect((await store.create(given, LEASE_MS)).epoch).toBe(1)
    },
  )

  it('stores no intent, and takes it later', async () => {
    const { disk, store, dir } = setUp()
    const { runId } = await start(store)
    await store.putIntent(runId, 'a', '1')
    disk.fault = 'full after some bytes'
    await rejection(store.putIntent(runId, 'b', '2'), 'unavailable')
    expect([...(await store.intents(runId)).keys()]).toEqual(['a'])
    disk.fault = undefined
    expect(await store.putIntent(runId, 'b', '3')).toBe('3')
    await store.close()
    const { store: again, damage } = openFolder(dir)
    expect([...(await again.intents(runId)).values()]).toEqual(['1', '3'])
    expect(damage).toEqual([])
  })

  it('leaves a run to be settled and taken later', async () => {
    const { disk, store } = setUp()
    const lease = await start(store)
    await store.append(lease.runId, lease.epoch, events(1, 1), END)
    disk.fault = 'full'
    await rejection(store.release(lease, true), 'unavailable')
    await store.release(lease, false)
    await rejection(store.claim(lease.runId, LEASE_MS), 'unavailable')
    disk.fault = undefined
    const next = await take(store, lease.runId)
    expect(next.epoch).toBeGreaterThan(lease.epoch)
    await store.release(next, true)
    expect(await store.claimable()).toEqual([])
  })

  it('loses nothing, doubles nothing and shows nothing too early, whatever fails when (property)', async () => {
    const anyFault = fc.constantFrom<Fault | undefined>(undefined, undefined, ...WRITE_FAULTS, 'cut fails')
    const anyStep = fc.record({ fault: anyFault, count: fc.integer({ min: 1, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { disk, store, dir } = setUp()
        const { runId, epoch } = await start(store)
        let acknowledged = 0
        for (const { fault, count } of steps) {
          disk.fault = fault
          const error = await store.append(runId, epoch, events(acknowledged + 1, acknowledged + count)).then(
            () => undefined,
            (reason: unknown) => reason,
          )
          if (!error) acknowledged += count
          else expect(error).toMatchObject({ code: 'unavailable' })
          disk.fault = undefined
          expect(await allOf(store, runId)).toEqual(events(1, acknowledged))
        }
        // What a killed process leaves may have more than was acknowledged, and never less.
        const copy = temporaryFolder()
        cpSync(dir, copy, { recursive: true })
        const left = await allOf(openFolder(copy).store, runId)
        expect(left).toEqual(events(1, left.length))
        expect(left.length).toBeGreaterThanOrEqual(acknowledged)
        await store.append(runId, epoch, events(acknowledged + 1, acknowledged + 1))
        expect(await allOf(store, runId)).toEqual(events(1, acknowledged + 1))
        await store.close()
      }),
      { numRuns: 60 },
    )
  })
})

describe('a disk that cannot be read', () => {
  it('is a rejection for who reads, and a wait for who follows', async () => {
    const { store, dir } = setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 3), END)
    await store.close()
    const disk = faultyDisk()
    const { store: again } = openFolder(dir, DURABLE, disk.openFile)
    disk.fault = 'read fails'
    await rejection(again.read(runId, 0), 'unavailable')
    const following = collect(again, runId, 0)
    const stop = new AbortController()
    const leaving = collect(again, runId, 0, { signal: stop.signal })
    await rejection(again.read(runId, 1), 'unavailable')
    stop.abort()
    expect(await leaving).toEqual([])
    disk.fault = undefined
    expect((await following).flat()).toEqual(events(1, 3))
  })

  it('ends those who follow when the log is closed', async () => {
    const disk = faultyDisk()
    const { store, dir } = setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 3), END)
    await store.close()
    const { store: again } = openFolder(dir, DURABLE, disk.openFile)
    disk.fault = 'read fails'
    const following = collect(again, runId, 0)
    await rejection(again.read(runId, 0), 'unavailable')
    await again.close()
    await expect(following).rejects.toThrow(LogError)
  })
})
