import { expect, it } from 'vitest'

import type { Lease } from '../../../src/index.ts'
import {
  allOf,
  type DurableStore,
  END,
  events,
  LEASE_MS,
  type Open,
  RETENTION_MS,
  record,
  rejection,
  setUpWith,
  start,
} from './store-under-test.ts'

/** What is left of a store whose process died. */
export function restarting(open: Open<DurableStore>): void {
  const setUp = setUpWith(open)

  it('has every event that was acknowledged, and goes on after the last', async () => {
    const { store, crash, passTime } = await setUp()
    const runs = await Promise.all(Array.from({ length: 5 }, () => start(store)))
    await Promise.all(
      runs.map(async ({ runId, epoch }) => {
        for (let seq = 1; seq <= 20; seq++) await store.append(runId, epoch, events(seq, seq))
      }),
    )
    const reopened = await crash()
    await passTime(LEASE_MS + 1000)
    for (const { runId } of runs) {
      expect(await allOf(reopened, runId)).toEqual(events(1, 20))
      const { epoch } = (await reopened.claim(runId, LEASE_MS)) as Lease
      await reopened.append(runId, epoch, events(20, 22), END)
      expect(await reopened.read(runId, 0)).toEqual({ events: events(1, 22), last: 22, hasEnded: true })
    }
  })

  it('knows its runs: what was stored of them, their ends, their idempotency keys, their intents', async () => {
    const { store, crash } = await setUp()
    const given = record({ idempotencyKey: 'k', owner: 'é\n', input: '{"x, y": [1, {"z": "\\n"}]}' })
    const { epoch } = await store.create(given, LEASE_MS)
    await store.append(given.runId, epoch as number, events(1, 2), END)
    const running = await start(store)
    await store.putIntent(running.runId, 'input:\n', 'first, "value"')
    const reopened = await crash()
    expect(await reopened.get(given.runId)).toEqual({ ...given, last: 2, end: END })
    expect((await reopened.list({ status: 'running' })).map(({ runId }) => runId)).toEqual([running.runId])
    const again = await reopened.create(record({ idempotencyKey: 'k', owner: 'é\n' }), LEASE_MS)
    expect(again).toEqual({ run: { ...given, last: 2, end: END } })
    expect(await reopened.putIntent(running.runId, 'input:\n', 'second')).toBe('first, "value"')
    expect(await reopened.intents(running.runId)).toEqual(new Map([['input:\n', 'first, "value"']]))
    await reopened.putIntent(running.runId, 'cancel', '')
    const third = await crash()
    expect((await third.intents(running.runId)).size).toBe(2)
  })

  it('fences the holders of before', async () => {
    const { store, crash, passTime } = await setUp()
    const first = await start(store)
    await store.release(first, false)
    const second = (await store.claim(first.runId, LEASE_MS)) as Lease
    const reopened = await crash()
    await passTime(LEASE_MS + 1000)
    expect(await reopened.claimable()).toEqual([first.runId])
    const third = (await reopened.claim(first.runId, LEASE_MS)) as Lease
    expect(third.epoch).toBeGreaterThan(second.epoch)
    await rejection(reopened.append(first.runId, second.epoch, events(1, 1)), 'fenced')
    await rejection(reopened.append(first.runId, first.epoch, events(1, 1)), 'fenced')
    const again = await crash()
    await passTime(LEASE_MS + 1000)
    const fourth = (await again.claim(first.runId, LEASE_MS)) as Lease
    expect(fourth.epoch).toBeGreaterThan(third.epoch)
  })

  it('offers what is not settled, and not what is', async () => {
    const { store, crash, passTime } = await setUp()
    const [running, ended, settled] = [await start(store), await start(store), await start(store)]
    for (const { runId, epoch } of [ended, settled]) await store.append(runId, epoch, events(1, 1), END)
    await store.release(settled, true)
    const reopened = await crash()
    await passTime(LEASE_MS + 1000)
    expect((await reopened.claimable()).toSorted()).toEqual([running.runId, ended.runId].toSorted())
  })

  it('lets runs expire by their ends, not by its start', async () => {
    const { store, crash, passTime } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1), END)
    await passTime(RETENTION_MS / 2)
    const reopened = await crash()
    expect(await reopened.get(runId)).toBeDefined()
    await passTime(RETENTION_MS / 2 + 60_000)
    expect(await reopened.get(runId)).toBeUndefined()
    expect(await (await crash()).list({})).toEqual([])
  })
}
