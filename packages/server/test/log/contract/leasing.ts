import { expect, it } from 'vitest'

import type { Lease } from '../../../src/index.ts'
import {
  allOf,
  END,
  events,
  LEASE_MS,
  type Open,
  type OpenedStore,
  rejection,
  setUpWith,
  start,
} from './store-under-test.ts'

/** Who may write to a run. */
export function leasing(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('gives a run to nobody else while it is held', async () => {
    const { store, peer, passTime } = await setUp()
    const { runId } = await start(store)
    expect(await peer.claimable()).toEqual([])
    expect(await peer.claim(runId, LEASE_MS)).toBeUndefined()
    await passTime(LEASE_MS - 1000)
    expect(await peer.claim(runId, LEASE_MS)).toBeUndefined()
  })

  it('gives a run whose lease has run out to one, and fences the former holder', async () => {
    const { store, peer, passTime } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    await passTime(LEASE_MS + 1000)
    expect(await peer.claimable()).toEqual([runId])
    const claims = await Promise.all([peer, store, peer].map((each) => each.claim(runId, LEASE_MS)))
    const [lease, ...others] = claims.filter((claim) => claim !== undefined) as [Lease]
    expect(others).toEqual([])
    expect(lease.runId).toBe(runId)
    expect(lease.epoch).toBeGreaterThan(epoch)
    expect(await store.claimable()).toEqual([])
    await rejection(store.append(runId, epoch, events(2, 2)), 'fenced')
    await rejection(store.append(runId, epoch, events(1, 1)), 'fenced')
    await peer.append(runId, lease.epoch, events(2, 2))
    expect(await allOf(store, runId)).toEqual(events(1, 2))
  })

  it('gives a run away when what was being appended is there, or refused', async () => {
    const { store, peer, passTime } = await setUp()
    const { runId, epoch } = await start(store)
    const appended = store.append(runId, epoch, events(1, 3)).then(
      () => true,
      () => false,
    )
    await passTime(LEASE_MS + 1000)
    const lease = (await peer.claim(runId, LEASE_MS)) as Lease
    const { last } = await peer.read(runId, 0)
    expect(await appended).toBe(last === 3)
    await peer.append(runId, lease.epoch, events(last + 1, last + 1))
    expect(await allOf(store, runId)).toEqual(events(1, last + 1))
  })

  it('refuses an epoch that was never given out', async () => {
    const { store } = await setUp()
    const { runId, epoch } = await start(store)
    await rejection(store.append(runId, epoch + 1, events(1, 1)), 'fenced')
    await rejection(store.append(runId, 0, events(1, 1)), 'fenced')
  })

  it('prolongs leases from now, and tells which are lost', async () => {
    const { store, peer, passTime } = await setUp()
    const [kept, lost] = [await start(store), await start(store)]
    await passTime(LEASE_MS - 1000)
    expect(await store.renew([kept], LEASE_MS)).toEqual([])
    await passTime(2000)
    expect(await peer.claim(kept.runId, LEASE_MS)).toBeUndefined()
    const taken = (await peer.claim(lost.runId, LEASE_MS)) as Lease
    expect(await store.renew([kept, lost], LEASE_MS)).toEqual([lost])
    expect(await store.renew([], LEASE_MS)).toEqual([])
    expect(await peer.renew([taken], LEASE_MS)).toEqual([])
    await passTime(LEASE_MS + 1000)
    expect((await peer.claimable()).toSorted()).toEqual([kept.runId, lost.runId].toSorted())
  })

  it('prolongs a lease that has run out, if nobody took it', async () => {
    const { store, peer, passTime } = await setUp()
    const lease = await start(store)
    await passTime(LEASE_MS * 3)
    expect(await store.renew([lease], LEASE_MS)).toEqual([])
    expect(await peer.claimable()).toEqual([])
    await store.append(lease.runId, lease.epoch, events(1, 1))
  })

  it('gives a run that was given back to the next', async () => {
    const { store, peer } = await setUp()
    const lease = await start(store)
    await store.release(lease, false)
    expect(await peer.claimable()).toEqual([lease.runId])
    const next = (await peer.claim(lease.runId, LEASE_MS)) as Lease
    expect(next.epoch).toBeGreaterThan(lease.epoch)
    // Of one who has lost it.
    await store.release(lease, true)
    expect(await peer.claimable()).toEqual([])
    await peer.append(lease.runId, next.epoch, events(1, 1))
  })

  it('offers a run that has ended until it is settled', async () => {
    const { store, peer, passTime } = await setUp()
    const lease = await start(store)
    await store.append(lease.runId, lease.epoch, events(1, 1), END)
    expect(await peer.claimable()).toEqual([])
    await passTime(LEASE_MS + 1000)
    expect(await peer.claimable()).toEqual([lease.runId])
    const next = (await peer.claim(lease.runId, LEASE_MS)) as Lease
    await peer.release(next, true)
    expect(await peer.claimable()).toEqual([])
    expect(await peer.claim(lease.runId, LEASE_MS)).toBeUndefined()
    expect(await store.get(lease.runId)).toMatchObject({ last: 1, end: END })
  })

  it('lists all that nobody holds', async () => {
    const { store, peer, passTime } = await setUp()
    const runs = await Promise.all(Array.from({ length: 30 }, () => start(store)))
    await passTime(LEASE_MS + 1000)
    expect(new Set(await peer.claimable())).toEqual(new Set(runs.map(({ runId }) => runId)))
    for (const { runId } of runs) await peer.claim(runId, LEASE_MS)
    expect(await store.claimable()).toEqual([])
  })
}
