import { expect, it } from 'vitest'

import {
  anyRunId,
  collect,
  events,
  LEASE_MS,
  type Open,
  type OpenedStore,
  record,
  rejection,
  setUpWith,
  start,
} from './store-under-test.ts'

/** What a closed store does. */
export function closing(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('ends those who follow, and refuses everything after', async () => {
    const { store } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    let hasBegun = () => {}
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const following = collect(store, runId, 0, { onBatch: () => hasBegun() })
    await begun
    await store.close()
    expect((await following).flat()).toEqual(events(1, 1))
    await rejection(store.append(runId, epoch, events(2, 2)), 'closed')
    await rejection(store.read(runId, 0), 'closed')
    await rejection(collect(store, runId, 0), 'closed')
    await rejection(store.create(record(), LEASE_MS), 'closed')
    await rejection(store.get(anyRunId()), 'closed')
    await rejection(store.list({}), 'closed')
    await rejection(store.claim(runId, LEASE_MS), 'closed')
    await rejection(store.renew([{ runId, epoch }], LEASE_MS), 'closed')
    await rejection(store.release({ runId, epoch }, false), 'closed')
    await rejection(store.claimable(), 'closed')
    await rejection(store.putIntent(runId, 'cancel', ''), 'closed')
    await rejection(store.intents(runId), 'closed')
    store.onIntent(runId, () => undefined)()
  })

  it('closes once, whoever asks', async () => {
    const { store } = await setUp()
    await Promise.all([store.close(), store.close()])
    await store.close()
  })

  it('answers every append that it was given', async () => {
    const { store } = await setUp()
    const { runId, epoch } = await start(store)
    const appends = [1, 2, 3].map((seq) => store.append(runId, epoch, events(seq, seq)))
    await Promise.all([store.close(), Promise.allSettled(appends)])
  })
}
