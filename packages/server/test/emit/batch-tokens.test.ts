import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { type AgentOutput, batchTokens } from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

const token = (text: string, more: object = {}): AgentOutput => ({ type: 'token', text, ...more })
const thinking = (text: string): AgentOutput => ({ type: 'thinking', text })
const TURN: AgentOutput = { type: 'turn', turnNumber: 1 }

async function* from(...events: AgentOutput[]): AsyncGenerator<AgentOutput> {
  yield* events
}

async function all(events: AsyncIterable<AgentOutput>): Promise<AgentOutput[]> {
  const list: AgentOutput[] = []
  for await (const event of events) list.push(event)
  return list
}

describe('batchTokens', () => {
  it('passes the first text at once, and merges what follows before anything else', async () => {
    const events = from(token('a'), token('b'), token('c'), TURN, token('d'), token('e'))
    expect(await all(batchTokens(events, { clock: new ManualClock() }))).toEqual([
      token('a'),
      token('bc'),
      TURN,
      token('de'),
    ])
  })

  it('keeps apart what differs in more than text', async () => {
    const branch = { branchId: 'b' }
    const events = [
      token('a'),
      token('b'),
      token('c', branch),
      token('d', branch),
      thinking('e'),
      thinking('f'),
    ]
    const merged = await all(batchTokens(from(...events), { clock: new ManualClock() }))
    expect(merged).toEqual([token('a'), token('b'), token('cd', branch), thinking('ef')])
  })

  it('passes text on when the interval is over, though the source says nothing', async () => {
    const clock = new ManualClock()
    let unblock = () => {}
    const blocked = new Promise<void>((resolve) => {
      unblock = resolve
    })
    async function* source(): AsyncGenerator<AgentOutput> {
      yield token('a')
      yield token('b')
      yield token('c')
      await blocked
      yield token('d')
    }
    const events = batchTokens(source(), { intervalMs: 50, clock })[Symbol.asyncIterator]()
    expect((await events.next()).value).toEqual(token('a'))
    const second = events.next()
    await clock.advance(49)
    expect(clock.pendingCount).toBe(1)
    await clock.advance(1)
    expect((await second).value).toEqual(token('bc'))
    unblock()
    expect((await events.next()).value).toEqual(token('d'))
    expect((await events.next()).done).toBe(true)
    expect(clock.pendingCount).toBe(0)
  })

  it('passes long text on at once', async () => {
    const events = from(token('a'), token('bbbb'), token('c'), token('d'))
    expect(await all(batchTokens(events, { maxChars: 5, clock: new ManualClock() }))).toEqual([
      token('a'),
      token('bbbbc'),
      token('d'),
    ])
  })

  it('passes text on before it passes the failure of the source on', async () => {
    async function* source(): AsyncGenerator<AgentOutput> {
      yield token('a')
      yield token('b')
      throw new Error('lost')
    }
    const seen: AgentOutput[] = []
    const read = async () => {
      for await (const event of batchTokens(source(), { clock: new ManualClock() })) seen.push(event)
    }
    await expect(read()).rejects.toThrow('lost')
    expect(seen).toEqual([token('a'), token('b')])
  })

  it('tells the source that its reader has left, and does not wait for it', async () => {
    const clock = new ManualClock()
    const returned = vi.fn(() => new Promise<never>(() => {}))
    const next = () => new Promise<never>(() => {})
    const source = { [Symbol.asyncIterator]: () => ({ next, return: returned }) }
    const events = batchTokens<AgentOutput>(source, { clock })[Symbol.asyncIterator]()
    void events.next()
    expect(await events.return?.()).toEqual({ done: true, value: undefined })
    expect(returned).toHaveBeenCalledOnce()
  })

  it('lets the source clean up when its reader leaves between two events', async () => {
    let isClean = false
    async function* source(): AsyncGenerator<AgentOutput> {
      try {
        yield TURN
        yield TURN
      } finally {
        isClean = true
      }
    }
    for await (const _ of batchTokens(source())) break
    expect(isClean).toBe(true)
  })

  it('changes neither order nor text, whatever comes', async () => {
    const anyEvent = fc.oneof(
      fc.string({ minLength: 1 }).map((text) => token(text)),
      fc.string({ minLength: 1 }).map((text) => token(text, { branchId: 'b' })),
      fc.string({ minLength: 1 }).map(thinking),
      fc.constant(TURN),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent), async (events) => {
        const merged = await all(batchTokens(from(...events), { maxChars: 12, clock: new ManualClock() }))
        const letters = (list: readonly AgentOutput[]) =>
          list.flatMap((event) => {
            const { text, ...rest } = event as { type: string; text?: string }
            return text === undefined ? [rest] : Array.from(text, (letter) => ({ letter, ...rest }))
          })
        expect(letters(merged)).toEqual(letters(events))
        expect(merged.length).toBeLessThanOrEqual(events.length)
      }),
    )
  })
})
