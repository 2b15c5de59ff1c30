import { expect, it } from 'vitest'

import {
  allOf,
  anyRunId,
  collect,
  END,
  events,
  LEASE_MS,
  type Open,
  type OpenedStore,
  RETENTION_MS,
  record,
  rejection,
  STARTED_MS,
  setUpWith,
  start,
} from './store-under-test.ts'

/** What is kept of runs, how they are found, and when they expire. */
export function keeping(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('gives back what was stored of a run', async () => {
    const { store, peer } = await setUp()
    const given = record({
      owner: 'ada "é" 🦅\n',
      idempotencyKey: 'k: "1"',
      input: '{"a": [1, "x, y: z"], "é": null}',
    })
    const { run, epoch } = await store.create(given, LEASE_MS)
    expect(run).toEqual({ ...given, last: 0 })
    expect(epoch).toBeGreaterThanOrEqual(1)
    expect(await peer.get(given.runId)).toEqual(run)
    const withoutKey = record({ input: 'null' })
    await store.create(withoutKey, LEASE_MS)
    expect(await peer.get(withoutKey.runId)).toEqual({ ...withoutKey, last: 0 })
  })

  it('keeps a large input', async () => {
    const { store, peer } = await setUp()
    const input = JSON.stringify('é'.repeat(300_000))
    const { runId } = await start(store, { input })
    expect(await peer.get(runId)).toMatchObject({ input })
    expect((await peer.list({}))[0]).toMatchObject({ input })
  })

  it('refuses a record that cannot be kept', async () => {
    const { store } = await setUp()
    for (const runId of ['', 'x', '../../etc/passwd', 'A'.repeat(32), `${'a'.repeat(32)}\n`]) {
      await expect(store.create(record({ runId }), LEASE_MS)).rejects.toThrow(/run id/)
    }
    await expect(store.create(record({ startedAt: 'yesterday' }), LEASE_MS)).rejects.toThrow(TypeError)
    const { runId } = await start(store)
    await expect(store.create(record({ runId }), LEASE_MS)).rejects.toThrow(TypeError)
    expect(await store.list({})).toHaveLength(1)
  })

  it('stores one run for an idempotency key, per owner', async () => {
    const { store, peer } = await setUp()
    const first = record({ idempotencyKey: 'k' })
    await store.create(first, LEASE_MS)
    const again = await peer.create(record({ idempotencyKey: 'k', bodyHash: 'b'.repeat(64) }), LEASE_MS)
    expect(again).toEqual({ run: { ...first, last: 0 } })
    expect((await peer.create(record({ idempotencyKey: 'k', owner: 'bob' }), LEASE_MS)).epoch).toBeDefined()
    expect((await peer.create(record({ idempotencyKey: 'K' }), LEASE_MS)).epoch).toBeDefined()
    expect(await peer.list({})).toHaveLength(3)
  })

  it('stores one run of many that are created with one key at once', async () => {
    const { store, peer } = await setUp()
    const created = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? store : peer).create(record({ idempotencyKey: 'same' }), LEASE_MS),
      ),
    )
    expect(new Set(created.map(({ run }) => run.runId)).size).toBe(1)
    expect(created.filter(({ epoch }) => epoch !== undefined)).toHaveLength(1)
    expect(await store.list({})).toHaveLength(1)
  })

  it('lists the newest first, by owner, status and time, at most so many', async () => {
    const { store, peer } = await setUp()
    const ids: string[] = []
    for (let i = 0; i < 6; i++) {
      const startedAt = new Date(STARTED_MS - 6000 + i * 1000).toISOString()
      const { runId, epoch } = await start(store, { startedAt, owner: i % 2 ? 'bob' : 'ada' })
      if (i < 3) await store.append(runId, epoch, events(1, 1), END)
      ids.push(runId)
    }
    const listed = async (filter: Parameters<typeof peer.list>[0]) =>
      (await peer.list(filter)).map(({ runId }) => ids.indexOf(runId))
    expect(await listed({})).toEqual([5, 4, 3, 2, 1, 0])
    expect(await listed({ limit: 2 })).toEqual([5, 4])
    expect(await listed({ owner: 'ada' })).toEqual([4, 2, 0])
    expect(await listed({ owner: 'nobody' })).toEqual([])
    expect(await listed({ status: 'running' })).toEqual([5, 4, 3])
    expect(await listed({ status: 'ended', owner: 'bob' })).toEqual([1])
    expect(await listed({ status: 'ended', limit: 2 })).toEqual([2, 1])
    expect(await listed({ sinceMs: STARTED_MS - 5000, beforeMs: STARTED_MS - 3000 })).toEqual([2, 1])
    expect((await peer.list({ status: 'ended' }))[0]).toMatchObject({ last: 1, end: END })
  })

  it('lists 100 runs unless told otherwise', async () => {
    const { store } = await setUp()
    await Promise.all(Array.from({ length: 105 }, () => start(store)))
    expect(await store.list({})).toHaveLength(100)
    expect(await store.list({ limit: 103 })).toHaveLength(103)
  })

  it('forgets a run as a whole, a time after its end', async () => {
    const { store, peer, passTime } = await setUp()
    const { runId, epoch } = await start(store, { idempotencyKey: 'k' })
    await store.append(runId, epoch, events(1, 3), END)
    await store.putIntent(runId, 'cancel', '')
    await passTime(RETENTION_MS - 60_000)
    expect(await allOf(peer, runId)).toHaveLength(3)
    await passTime(120_000)
    expect(await peer.get(runId)).toBeUndefined()
    expect(await peer.list({})).toEqual([])
    expect(await peer.claimable()).toEqual([])
    await rejection(peer.read(runId, 0), 'not_found')
    await rejection(collect(peer, runId, 0), 'not_found')
    await rejection(peer.intents(runId), 'not_found')
    await rejection(peer.putIntent(runId, 'x', ''), 'not_found')
    expect(await peer.claim(runId, LEASE_MS)).toBeUndefined()
    expect(await store.renew([{ runId, epoch }], LEASE_MS)).toEqual([{ runId, epoch }])
    expect((await store.create(record({ idempotencyKey: 'k' }), LEASE_MS)).epoch).toBeDefined()
  })

  it('tells a reader in the middle of a run that it has expired', async () => {
    const { store, peer, passTime } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    const reader = peer.follow(runId, 0, new AbortController().signal)[Symbol.asyncIterator]()
    await reader.next()
    await store.append(runId, epoch, events(2, 2), END)
    await passTime(RETENTION_MS + 60_000)
    await rejection(reader.next(), 'not_found')
  })

  it('keeps a run that goes on, however old', async () => {
    const { store, peer, passTime } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    await passTime(RETENTION_MS * 100)
    expect(await peer.get(runId)).toMatchObject({ last: 1 })
    await store.append(runId, epoch, events(2, 2))
    expect(await allOf(peer, runId)).toEqual(events(1, 2))
  })

  it('finds nothing under a name that is no run id', async () => {
    const { store } = await setUp()
    for (const runId of [anyRunId(), '', '../x', '__proto__']) {
      expect(await store.get(runId)).toBeUndefined()
      expect(await store.claim(runId, LEASE_MS)).toBeUndefined()
      await rejection(store.intents(runId), 'not_found')
      await rejection(store.putIntent(runId, 'cancel', ''), 'not_found')
      await store.release({ runId, epoch: 1 }, true)
    }
  })
}
