import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AgentEvent, createFold, type Fold } from '../src/index.ts'

const turn: AgentEvent = { type: 'turn', turnNumber: 1, totalTools: 0 }

function numberedRun(): Fold {
  const run = createFold()
  run.apply({ type: 'run_started', runId: 'r', startedAt: '', protocol: '1' })
  return run
}

describe('numbers', () => {
  it('say what came, what is missing and what came twice, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }),
        fc.boolean(),
        (numbers, isRead) => {
          const run = numberedRun()
          const seen = new Set<number>()
          for (const seq of numbers) {
            expect(run.apply(turn, seq)).toBe(!seen.has(seq))
            seen.add(seq)
            if (isRead) run.snapshot()
          }
          const { last, gaps, duplicates } = run.snapshot().seq
          expect(last).toBe(Math.max(0, ...seen))
          expect(duplicates).toBe(numbers.length - seen.size)
          const missing = gaps.flatMap(({ from, to }) =>
            Array.from({ length: to - from + 1 }, (_, i) => from + i),
          )
          const wanted = Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !seen.has(seq))
          expect(missing).toEqual(wanted)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('leave gaps that are disjoint and in order, whatever is announced', () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.tuple(fc.nat(20), fc.nat(20)))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const run = numberedRun()
        for (const next of steps) {
          if (typeof next === 'number') run.apply(turn, next)
          else run.apply({ type: 'gap', fromSeq: next[0], toSeq: next[1] })
          const { last, gaps } = run.snapshot().seq
          let end = 0
          for (const { from, to } of gaps) {
            expect(from).toBeGreaterThan(end)
            expect(to).toBeGreaterThanOrEqual(from)
            end = to
          }
          expect(last).toBeGreaterThanOrEqual(end)
        }
      }),
    )
  })

  it('are all taken before the run is numbered', () => {
    const run = createFold()
    expect([5, 5, 1].map((seq) => run.apply(turn, seq))).toEqual([true, true, true])
    expect(run.snapshot().seq).toEqual({ last: 0, gaps: [], duplicates: 0 })
  })

  it('say beforehand which of them would leave a gap', () => {
    const run = createFold()
    expect(run.jumps(7)).toBe(false)
    run.apply({ type: 'run_started', runId: 'r', startedAt: '', protocol: '1' }, 1)
    expect([1, 2, 3, 7].map(run.jumps)).toEqual([false, false, true, true])
    run.apply({ type: 'gap', fromSeq: 2, toSeq: 5 })
    expect([6, 7].map(run.jumps)).toEqual([false, true])
    expect(run.snapshot().seq).toEqual({ last: 5, gaps: [{ from: 2, to: 5 }], duplicates: 0 })
  })

  it('tell a frame that is no event from its duplicate', () => {
    const run = numberedRun()
    const warning = { type: 'warning', code: 'unknown_event', message: 'ping' } as const
    expect([run.warn(warning, 1), run.warn(warning, 1), run.warn(warning)]).toEqual([true, false, true])
    expect(run.snapshot()).toMatchObject({ warningCount: 2, eventCount: 3, seq: { duplicates: 1 } })
  })

  it('are the same object until one of them changes something', () => {
    const run = numberedRun()
    run.apply(turn, 3)
    const { seq } = run.snapshot()
    expect(seq.gaps).toEqual([{ from: 1, to: 2 }])
    run.apply(turn)
    expect(run.snapshot().seq).toBe(seq)
    run.apply(turn, 4)
    expect(run.snapshot().seq).not.toBe(seq)
  })
})
