import { expect, it } from 'vitest'

import type { LogEvent } from '../../../src/index.ts'
import {
  anyRunId,
  collect,
  END,
  events,
  type Open,
  type OpenedStore,
  rejection,
  setUpWith,
  start,
} from './store-under-test.ts'

/** What followers get. */
export function following(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('gives what is stored and then what comes, to the end', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 3))
    let hasBegun = () => {}
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const batches = collect(peer, runId, 1, { onBatch: () => hasBegun() })
    await begun
    for (let seq = 4; seq < 8; seq++) await store.append(runId, epoch, events(seq, seq))
    await store.append(runId, epoch, events(8, 9), END)
    expect((await batches).flat()).toEqual(events(2, 9))
  })

  it('waits for the first event', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    const batches = collect(peer, runId, 0)
    await store.append(runId, epoch, events(1, 1), END)
    expect((await batches).flat()).toEqual(events(1, 1))
  })

  it('ends at once after the last event of a run that has ended', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 2), END)
    expect(await collect(peer, runId, 2)).toEqual([])
    expect((await collect(peer, runId, 0)).flat()).toEqual(events(1, 2))
  })

  it('ends with its signal, before and while it waits, and when its reader leaves', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    expect(await collect(peer, runId, 0, { signal: AbortSignal.abort() })).toEqual([])
    const stop = new AbortController()
    const batches = collect(peer, runId, 0, { signal: stop.signal, onBatch: () => stop.abort() })
    expect((await batches).flat()).toEqual(events(1, 1))
    for await (const batch of peer.follow(runId, 0, new AbortController().signal)) {
      expect(batch).toEqual(events(1, 1))
      break
    }
    const waiting = new AbortController()
    const nothing = collect(peer, runId, 1, { signal: waiting.signal })
    await store.append(runId, epoch, events(1, 1))
    waiting.abort()
    expect(await nothing).toEqual([])
  })

  it('goes on from the cursor of a reader who takes his time', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    const reader = peer.follow(runId, 0, new AbortController().signal)[Symbol.asyncIterator]()
    expect((await reader.next()).value).toEqual(events(1, 1))
    for (let seq = 2; seq <= 3000; seq += 100) {
      await store.append(runId, epoch, events(seq, Math.min(seq + 99, 3000)))
    }
    await store.append(runId, epoch, events(3001, 3001), END)
    const rest: LogEvent[] = []
    for (let next = await reader.next(); !next.done; next = await reader.next()) rest.push(...next.value)
    expect(rest).toEqual(events(2, 3001))
  })

  it('gives readers at the same cursor the same array', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 3))
    const signal = new AbortController().signal
    const readers = Array.from({ length: 20 }, () => peer.follow(runId, 0, signal)[Symbol.asyncIterator]())
    const nextOfAll = () => Promise.all(readers.map(async (reader) => (await reader.next()).value))
    expect(new Set(await nextOfAll()).size).toBe(1)
    for (const from of [4, 6, 8]) {
      const batches = nextOfAll()
      await store.append(runId, epoch, events(from, from + 1))
      expect(new Set(await batches).size).toBe(1)
    }
  })

  it('throws for a run that is not there and for a cursor beyond the end', async () => {
    const { store } = await setUp()
    await rejection(collect(store, anyRunId(), 0), 'not_found')
    await rejection(collect(store, '../x', 0), 'not_found')
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    expect(await rejection(collect(store, runId, 2), 'rewound')).toMatchObject({ last: 1 })
  })
}
