import { describe, expect, it } from 'vitest'

import {
  type Arrival,
  bufferingAdvice,
  createArrivalReader,
  histogram,
  judgeBuffering,
} from '../src/buffering.ts'

/** Pieces of one message each, at these times. */
const at = (...times: readonly number[]): Arrival[] =>
  times.map((atMs) => ({ atMs, sizeBytes: 50, messages: 1, comments: 0 }))

const every = (count: number, stepMs: number, fromMs = 0) =>
  at(...Array.from({ length: count }, (_, place) => fromMs + place * stepMs))

const judge = (pieces: readonly Arrival[], saidDurationMs?: number) =>
  judgeBuffering({ pieces, saidDurationMs })

describe('judgeBuffering', () => {
  it.each([
    ['tokens that come as they are made', every(40, 30, 500), 'streams'],
    ['a model that thinks for long, and then is fast', every(40, 5, 8000), 'streams'],
    ['all at once, after a wait', every(40, 0.2, 3000), 'buffered'],
    ['all at once, and at once', every(40, 0.2, 30), 'unclear'],
    ['three messages', every(3, 100), 'unclear'],
    ['nothing', [], 'unclear'],
    ['bursts with a second between', [0, 1000, 2000].flatMap((from) => every(30, 0.1, from + 500)), 'blocks'],
    ['two buffers and a rest', [...every(12, 0, 600), ...every(12, 0, 890), ...every(5, 0, 1040)], 'blocks'],
    [
      'two bursts in a stream',
      [...every(12, 0, 600), ...every(12, 0, 890), ...every(12, 30, 920)],
      'streams',
    ],
    ['sentences between three tools', [0, 1000, 2000].flatMap((from) => every(30, 5, from + 500)), 'streams'],
    ['pairs with a pause between', [0, 300, 600, 900].flatMap((from) => every(2, 1, from)), 'streams'],
  ])('of %s', (_, pieces, expected) => expect(judge(pieces).buffering).toBe(expected))

  it('takes the server’s own word for how long it was at work', () => {
    const pieces = every(40, 0.1, 290)
    expect(judge(pieces).buffering).toBe('unclear')
    expect(judge(pieces, 300)).toEqual({
      buffering: 'buffered',
      because: 'all 40 messages came at once, after 290 ms; the server says that it took 300 ms',
    })
  })

  it('counts heartbeats as what they are: something that came through', () => {
    const heartbeat = { atMs: 1000, sizeBytes: 13, messages: 0, comments: 1 }
    expect(judge([heartbeat, ...every(40, 0.2, 3000)]).buffering).toBe('streams')
  })

  it('gives a large answer the time that a network needs', () => {
    const pieces = every(40, 5, 3000).map((piece) => ({ ...piece, sizeBytes: 50_000 }))
    expect(judge(pieces).buffering).toBe('buffered')
  })
})

describe('createArrivalReader', () => {
  it('counts a message when its last byte comes', () => {
    const reader = createArrivalReader()
    const take = (text: string, ms: number) => reader.take(new TextEncoder().encode(text), ms)
    take(': hi\n\nevent: token\nda', 10)
    take('ta: {"text": "x"}\n\n', 250)
    take('event: done\ndata: {"duration_ms": 240}\n\n', 300)
    const { pieces, ttftMs, saidDurationMs } = reader.arrivals()
    expect(pieces.map(({ atMs, messages, comments }) => [atMs, messages, comments])).toEqual([
      [10, 0, 1],
      [250, 1, 0],
      [300, 1, 0],
    ])
    expect([ttftMs, saidDurationMs]).toEqual([250, 240])
  })
})

describe('histogram', () => {
  it('counts every message once', () => {
    expect(histogram(at(0, 10, 50, 99, 100), 2)).toEqual([
      { fromMs: 0, messages: 2 },
      { fromMs: 50, messages: 3 },
    ])
    expect(histogram([], 2).map(({ messages }) => messages)).toEqual([0, 0])
    expect(histogram(at(0), 2).map(({ messages }) => messages)).toEqual([1, 0])
  })
})

describe('bufferingAdvice', () => {
  const seen = (headers: Record<string, string>) =>
    bufferingAdvice(new Headers(headers)).map((advice) => advice.seen)

  it('finds nothing in what a server should send', () => {
    expect(seen({ 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })).toEqual([])
  })

  it('names what holds streams back, the likeliest first', () => {
    expect(
      seen({ 'content-encoding': 'gzip', 'content-length': '9', 'cf-ray': 'x', via: '1.1 proxy' }),
    ).toEqual([
      'Content-Encoding: gzip',
      'a Content-Length',
      'no X-Accel-Buffering: no',
      'no Cache-Control: no-transform',
      'Cloudflare (cf-ray)',
      'Via: 1.1 proxy',
    ])
  })
})
