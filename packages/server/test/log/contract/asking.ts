import { expect, it } from 'vitest'

import { END, events, type Open, type OpenedStore, setUpWith, start } from './store-under-test.ts'

/** What is asked of runs: intents. */
export function asking(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('keeps the first value of a name', async () => {
    const { store, peer } = await setUp()
    const { runId } = await start(store)
    expect(await peer.intents(runId)).toEqual(new Map())
    expect(await peer.putIntent(runId, 'input:i1', 'yes')).toBe('yes')
    expect(await store.putIntent(runId, 'input:i1', 'no')).toBe('yes')
    expect(await store.putIntent(runId, 'cancel', '')).toBe('')
    expect(await peer.putIntent(runId, 'cancel', 'x')).toBe('')
    const stored = [
      ['input:i1', 'yes'],
      ['cancel', ''],
    ] as const
    expect(await store.intents(runId)).toEqual(new Map(stored))
    expect(await peer.intents(runId)).toEqual(new Map(stored))
  })

  it('keeps one value of many that are put at once', async () => {
    const { store, peer } = await setUp()
    const { runId } = await start(store)
    const put = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? store : peer).putIntent(runId, 'n', `${i}`)),
    )
    expect(new Set(put).size).toBe(1)
    expect(await store.intents(runId)).toEqual(new Map([['n', put[0]]]))
  })

  it('takes any text', async () => {
    const { store, peer } = await setUp()
    const { runId } = await start(store)
    const names = ['', '__proto__', 'toString', 'a\nb', '"\\', '🦅é', '\u0000', '../x', 'n'.repeat(10_000)]
    for (const name of names) await store.putIntent(runId, name, `${name}, value`)
    expect(await peer.intents(runId)).toEqual(new Map(names.map((name) => [name, `${name}, value`])))
  })

  it('keeps the intents of runs apart, also when a run has ended', async () => {
    const { store, peer } = await setUp()
    const [one, other] = [await start(store), await start(store)]
    await store.putIntent(one.runId, 'cancel', '1')
    await store.append(other.runId, other.epoch, events(1, 1), END)
    await store.putIntent(other.runId, 'cancel', '2')
    expect(await peer.intents(one.runId)).toEqual(new Map([['cancel', '1']]))
    expect(await peer.intents(other.runId)).toEqual(new Map([['cancel', '2']]))
  })

  it('gives out a copy', async () => {
    const { store } = await setUp()
    const { runId } = await start(store)
    const before = await store.intents(runId)
    await store.putIntent(runId, 'cancel', '')
    expect(before.size).toBe(0)
  })

  it('calls who listens, of whichever process, until he stops', async () => {
    const { store, peer } = await setUp()
    const [one, other] = [await start(store), await start(store)]
    const calls: string[] = []
    const heard = (name: string) => {
      let call = () => {}
      const next = new Promise<void>((resolve) => {
        call = resolve
      })
      const listener = () => {
        calls.push(name)
        call()
      }
      return { next, listener }
    }
    const [first, stopped, elsewhere] = [heard('first'), heard('stopped'), heard('elsewhere')]
    store.onIntent(one.runId, first.listener)
    const stop = store.onIntent(one.runId, stopped.listener)
    peer.onIntent(one.runId, elsewhere.listener)
    store.onIntent(other.runId, heard('other run').listener)
    stop()
    stop()
    await peer.putIntent(one.runId, 'cancel', '')
    await Promise.all([first.next, elsewhere.next])
    expect(calls.toSorted()).toEqual(['elsewhere', 'first'])
  })
}
