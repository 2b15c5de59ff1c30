import fc from 'fast-check'
import { expect, it } from 'vitest'

import type { LogEvent } from '../../../src/index.ts'
import {
  allOf,
  anyRunId,
  END,
  events,
  type Open,
  type OpenedStore,
  rejection,
  STARTED_MS,
  setUpWith,
  start,
} from './store-under-test.ts'

/** What is appended is there once, in order, or not at all. */
export function appending(open: Open<OpenedStore>): void {
  const setUp = setUpWith(open)

  it('stores events in order, for all readers', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 1))
    await store.append(runId, epoch, events(2, 4))
    expect(await peer.read(runId, 0)).toEqual({ events: events(1, 4), last: 4, hasEnded: false })
  })

  it('keeps text as it is: quotes, line separators, astral characters, half of a pair', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    const texts = [
      'a\nb',
      '"q" \\',
      ', : {"x": 1}',
      '\u2028\u2029',
      '🦅é',
      '\ud83e',
      '\u0000',
      'x'.repeat(100_000),
    ]
    const given = texts.map((text, i) => ({
      seq: i + 1,
      atMs: STARTED_MS + i,
      event: `odd, "${i}": \n🦅`,
      data: `{"text": ${JSON.stringify(text)}, "list": [1, {"deep": null}, -0.5e-7], "empty": {}}`,
    }))
    await store.append(runId, epoch, given)
    expect(await allOf(peer, runId)).toEqual(given)
  })

  it('passes over an append whose answer was lost', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 3))
    await store.append(runId, epoch, events(1, 3))
    await store.append(runId, epoch, events(2, 2, 'other'))
    await store.append(runId, epoch, events(2, 5))
    await store.append(runId, epoch, [])
    expect(await allOf(peer, runId)).toEqual(events(1, 5))
  })

  it('says where the log ends to who would leave a hole', async () => {
    const { store } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 2))
    expect(await rejection(store.append(runId, epoch, events(4, 5)), 'rewound')).toMatchObject({ last: 2 })
    expect(await allOf(store, runId)).toEqual(events(1, 2))
    await store.append(runId, epoch, events(3, 5))
  })

  it('refuses numbers that are not dense', async () => {
    const { store } = await setUp()
    const { runId, epoch } = await start(store)
    const [one, two, three] = events(1, 3) as [LogEvent, LogEvent, LogEvent]
    for (const wrong of [
      [one, three],
      [two, one],
      [one, one],
      [{ ...one, seq: 0 }],
      [{ ...one, seq: 1.5 }],
    ]) {
      await expect(store.append(runId, epoch, wrong)).rejects.toThrow(TypeError)
    }
    expect(await allOf(store, runId)).toEqual([])
  })

  it('takes concurrent appends of one run in the order of the calls', async () => {
    const { store } = await setUp()
    const { runId, epoch } = await start(store)
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.append(runId, epoch, events(i + 1, i + 1))))
    expect(await allOf(store, runId)).toEqual(events(1, 50))
  })

  it('keeps runs apart', async () => {
    const { store } = await setUp()
    const runs = await Promise.all(Array.from({ length: 10 }, () => start(store)))
    await Promise.all(
      runs.map(async ({ runId, epoch }, i) => {
        for (let seq = 1; seq <= 5; seq++) await store.append(runId, epoch, events(seq, seq, `${i}-`))
      }),
    )
    for (const [i, { runId }] of runs.entries())
      expect(await allOf(store, runId)).toEqual(events(1, 5, `${i}-`))
  })

  it('adds nothing to a run that has ended, and takes its last append twice', async () => {
    const { store, peer } = await setUp()
    const { runId, epoch } = await start(store)
    await store.append(runId, epoch, events(1, 2), END)
    await store.append(runId, epoch, events(1, 2), END)
    await rejection(store.append(runId, epoch, events(3, 3)), 'ended')
    await rejection(store.append(runId, epoch, events(2, 3)), 'ended')
    expect(await peer.read(runId, 0)).toEqual({ events: events(1, 2), last: 2, hasEnded: true })
    expect(await peer.get(runId)).toMatchObject({ last: 2, end: END })
  })

  it('is refused for runs that are not there, whatever they are called', async () => {
    const { store } = await setUp()
    for (const runId of [
      anyRunId(),
      '',
      '../secrets',
      'a/b',
      '\0',
      `${anyRunId()}/`,
      anyRunId().toUpperCase(),
    ]) {
      await rejection(store.append(runId, 1, events(1, 1)), 'not_found')
    }
  })

  it('agrees with a list, whatever is appended and repeated (property)', async () => {
    const { store, peer } = await setUp()
    const anyStep = fc.record({
      offset: fc.integer({ min: -3, max: 2 }),
      count: fc.integer({ min: 0, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), async (steps) => {
        const { runId, epoch } = await start(store)
        let last = 0
        for (const { offset, count } of steps) {
          const from = Math.max(1, last + 1 + offset)
          const call = store.append(runId, epoch, events(from, from + count - 1))
          if (from > last + 1 && count > 0) await rejection(call, 'rewound')
          else await call
          if (from <= last + 1) last = Math.max(last, from + count - 1)
        }
        expect(await allOf(peer, runId)).toEqual(events(1, last))
      }),
      { numRuns: 25 },
    )
  })
}
