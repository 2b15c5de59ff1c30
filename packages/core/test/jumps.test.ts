import { describe, expect, it } from 'vitest'

import { answer, broken, done, durable, LOST, setUp, started, token } from './harness.ts'

const ids = (requests: readonly { init: RequestInit }[]) =>
  requests.map(({ init }) => (init.headers as Record<string, string>)['Last-Event-ID'])
const gap = (from: number, to: number) => `event: gap\ndata: {"from_seq":${from},"to_seq":${to}}\n\n`

describe('ids that jump (1, 2, 3, 7)', () => {
  const jumping = durable({
    body: [started(), token('a', 2) + token('b', 3) + token('?', 7) + token('?', 8)],
    end: 'hang',
  })

  it('are asked for again at once, from the last one before the jump', async () => {
    const { start, clock, client, requests, told, statuses } = setUp([
      jumping,
      answer(...[4, 5, 6, 7, 8].map((id) => token(`${id}`, id))),
    ])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done' })
    expect(ids(requests)).toEqual([undefined, '3'])
    expect(requests[0]?.isAborted).toBe(true)
    expect(told.tokens).toEqual(['a', 'b', '4', '5', '6', '7', '8'])
    expect(client.getSnapshot()).toMatchObject({ text: 'ab45678', seq: { last: 8, gaps: [], duplicates: 0 } })
    expect(statuses).toEqual(['streaming', 'done'])
  })

  it('are a gap that is shown when the same jump comes again', async () => {
    const { start, clock, client, requests, told } = setUp([
      jumping,
      { body: [token('7', 7), token('8', 8), done({}, 9)] },
    ])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done' })
    expect(ids(requests)).toEqual([undefined, '3'])
    expect(told.tokens).toEqual(['a', 'b', '7', '8'])
    expect(client.getSnapshot()).toMatchObject({ text: 'ab78', seq: { last: 9, gaps: [{ from: 4, to: 6 }] } })
  })

  it('are a gap when the server says so, which is not asked about', async () => {
    const { start, clock, client, requests } = setUp([
      durable({ body: [started(), token('a', 2), gap(3, 6), token('b', 7), done({}, 8)] }),
    ])
    const result = start()
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done' })
    expect(requests).toHaveLength(1)
    expect(client.getSnapshot()).toMatchObject({ text: 'ab', seq: { gaps: [{ from: 3, to: 6 }] } })
  })

  it('are a gap when the answer to the question says so, and the run goes on from there', async () => {
    const { start, clock, client, requests } = setUp([
      jumping,
      { body: [gap(4, 6), token('7', 7)], end: 'drop' },
      answer(token('8', 8)),
    ])
    start()
    await clock.advance(1000)
    expect(ids(requests)).toEqual([undefined, '3', '7'])
    expect(client.getSnapshot()).toMatchObject({
      status: 'done',
      text: 'ab78',
      seq: { gaps: [{ from: 4, to: 6 }] },
    })
  })

  it('are asked for at each further place, and again after a drop', async () => {
    const { start, clock, client, requests } = setUp([
      jumping,
      LOST,
      { body: [token('4', 4), token('?', 6)], end: 'hang' },
      { body: [token('5', 5), token('6', 6), token('?', 9)], end: 'hang' },
      answer(token('9', 9)),
    ])
    start()
    await clock.advance(1000)
    expect(ids(requests)).toEqual([undefined, '3', '3', '4', '6'])
    expect(client.getSnapshot()).toMatchObject({
      status: 'done',
      text: 'ab4569',
      seq: { gaps: [{ from: 7, to: 8 }] },
    })
  })

  it('of a frame that is no event, and of done, are jumps too', async () => {
    const ping = 'id: 4\nevent: ping\ndata: {}\n\n'
    const { start, clock, client, requests } = setUp([
      durable({ body: [started(), token('a', 2), ping], end: 'hang' }),
      { body: [token('b', 3), ping, done({}, 7)], end: 'hang' },
      { body: [token('c', 5), token('d', 6), done({}, 7)] },
    ])
    start()
    await clock.advance(0)
    expect(ids(requests)).toEqual([undefined, '2', '4'])
    expect(client.getSnapshot()).toMatchObject({
      status: 'done',
      text: 'abcd',
      warningCount: 1,
      seq: { gaps: [] },
    })
  })

  it('publish what came before them, and tell nothing of what came after', async () => {
    const { client, clock, callbacks, told } = setUp(
      [
        durable({
          body: [started(), token('a', 2), { waitMs: 1 }, token('b', 3) + token('?', 9)],
          end: 'hang',
        }),
        { body: [{ waitMs: 1000 }, token('c', 4), done({}, 5)] },
      ],
      { batch: { ms: 5000 } },
    )
    void client.start('/chat', {}, { ...callbacks, onEvent: () => {} })
    await clock.advance(10)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: 'ab' })
    await clock.advance(1000)
    expect(told.tokens).toEqual(['a', 'b', 'c'])
  })

  it('stay shown gaps where the run cannot be resumed', async () => {
    const { start, clock, client, requests } = setUp([
      answer(started(), token('a', 2), token('b', 5), token('late', 3)),
    ])
    start()
    await clock.advance(0)
    expect(requests).toHaveLength(1)
    expect(client.getSnapshot()).toMatchObject({ text: 'ablate', seq: { gaps: [{ from: 4, to: 4 }] } })
  })

  it('that late events fill without being asked for stay filled after a resume', async () => {
    const { start, clock, client } = setUp([
      broken(started(), token('a', 2), token('b', 5)),
      durable({ body: [started(), token('a', 2), token('b', 3), token('c', 4)], end: 'drop' }),
      answer(token('d', 5)),
    ])
    start()
    await clock.advance(5000)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'abcd', seq: { last: 5, gaps: [] } })
  })
})
