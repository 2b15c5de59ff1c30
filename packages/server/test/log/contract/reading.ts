import { expect, it } from 'vitest'

import { type LogEvent, MAX_PAGE_CHARS } from '../../../src/log/event-log.ts'

import {
  allOf,
  anyRunId,
  events,
  type Open,
  type OpenedStore,
  rejection,
  setUpWith,
  start,
} from './store-under-test.ts'

/** What is read. */
export function reading(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('gives the events after a number, a page at a time', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 10))
    expect(await peer.read(runId, 4, 3)).toEqual({ events: events(5, 7), last: 10, hasEnded: false })
    expect((await peer.read(runId, 8, 3)).events).toEqual(events(9, 10))
    expect(await peer.read(runId, 10)).toEqual({ events: [], last: 10, hasEnded: false })
  })

  it('gives every event of a long run, in pages', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    for (let from = 1; from <= 5000; from += 500) await store.append(runId, epoch, events(from, from + 499))
    expect(await allOf(peer, runId)).toEqual(events(1, 5000))
    expect((await peer.read(runId, 2499, 2)).events).toEqual(events(2500, 2501))
  })

  it('gives large events a few at a time, and the largest alone', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    const large = (seq: number, chars: number) => ({
      ...(events(seq, seq)[0] as LogEvent),
      data: JSON.stringify({ text: 'x'.repeat(chars) }),
    })
    const stored = [large(1, MAX_PAGE_CHARS * 2), large(2, 100_000), large(3, 100_000), large(4, 100_000)]
    await store.append(runId, epoch, stored)
    expect((await peer.read(runId, 0)).events.map(({ seq }) => seq)).toEqual([1])
    expect((await peer.read(runId, 1)).events.map(({ seq }) => seq)).toEqual([2, 3])
    expect(await allOf(peer, runId)).toEqual(stored)
  })

  it('gives nothing of a run that has just begun', async () => {
    const { store, peer } = await setUp()
    const { runId } = await start(store)
    expect(await peer.read(runId, 0)).toEqual({ events: [], last: 0, hasEnded: false })
  })

  it('says where the log ends to who has read further', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 2))
    expect(await rejection(peer.read(runId, 3), 'rewound')).toMatchObject({ last: 2 })
  })

  it('is refused for runs that are not there', async () => {
    const { store } = await setUp()
    for (const runId of [anyRunId(), '../x', '']) {
      await rejection(store.read(runId, 0), 'not_found')
      expect(await store.get(runId)).toBeUndefined()
    }
  })
}
