import { AgentStreamClient } from '@agent-stream/core'
import { SimulatedClock } from '@agent-stream/core/testing'
import { describe, expect, it } from 'vitest'

import { replay, runRecording } from '../src/index.ts'
import '../src/vitest.ts'
import { allSessions, parallelTools, runLog } from './fixtures/sessions.ts'

describe('runRecording', () => {
  it('gives every snapshot, transition, flush and request, with their times', async () => {
    const run = await runRecording(parallelTools)
    expect(run.transitions).toEqual([
      { atMs: 0, from: 'idle', to: 'streaming.connecting' },
      { atMs: 0, from: 'streaming.connecting', to: 'streaming.open' },
      { atMs: 3500, from: 'streaming.open', to: 'done' },
    ])
    expect(run.snapshots.map(({ atMs, snapshot }) => `${atMs} ${snapshot.status}`)).toEqual([
      '0 idle',
      '0 streaming',
      '120 streaming',
      '310 streaming',
      '520 streaming',
      '540 streaming',
      '790 streaming',
      '2930 streaming',
      '2940 streaming',
      '3400 streaming',
      '3500 streaming',
      '3500 done',
    ])
    expect(run.flushes.map(({ atMs, reason }) => `${atMs} ${reason}`)).toEqual([
      '120 event',
      '310 first',
      '520 event',
      '540 event',
      '790 event',
      '2930 event',
      '2940 event',
      '3400 interval',
      '3500 interval',
      '3500 event',
    ])
    expect(run.requests).toEqual([
      { atMs: 0, method: 'POST', url: '/replay', lastEventId: null, status: 200 },
    ])
    expect(run.result).toEqual({ status: 'done', outcome: 'complete', error: null })
    expect(run.final).toBe(run.snapshots.at(-1)?.snapshot)
    expect(run.durationMs).toBe(3500)
  })

  it('ends as the client does that somebody moves the clock for', async () => {
    for (const session of [parallelTools, runLog]) {
      const clock = new SimulatedClock()
      const client = new AgentStreamClient({ clock, fetch: replay(session, { clock }), random: () => 0 })
      const result = client.start('/replay')
      await clock.advance(100_000)
      const run = await runRecording(session)
      expect(run.final).toEqual(client.getSnapshot())
      expect(run.result).toEqual(await result)
    }
  })

  it('is the same each time', async () => {
    const faults = [
      { type: 'cut', afterBytes: 700 },
      { type: 'duplicate', seed: 7 },
    ] as const
    const [first, second] = [await runRecording(runLog, { faults }), await runRecording(runLog, { faults })]
    expect(second).toEqual(first)
  })

  it('gives the client the options that it is given', async () => {
    let flushes = 0
    const client = { batch: { ms: 50 }, onFlush: () => flushes++ }
    const run = await runRecording(parallelTools, { client })
    expect(run.flushes.at(-1)?.intervalMs).toBe(50)
    expect(flushes).toBe(run.flushes.length)
  })

  it('gives up after the limit, and says that the run had not ended', async () => {
    const cut = { ...parallelTools, events: parallelTools.events.slice(0, 4) }
    const run = await runRecording(cut, { end: 'hang', limitMs: 120_000 })
    expect(run).toMatchObject({ result: null, final: { status: 'streaming', isStalled: true } })
    expect(run.durationMs).toBeLessThanOrEqual(120_540)
    await expect(expect(run).toKeepInvariants({ end: 'hang', limitMs: 0 })).rejects.toThrow(
      'reaches a terminal state: it is still going on: status streaming',
    )
  })

  it('says what the client refuses', async () => {
    await expect(runRecording(parallelTools, { faults: [{ type: 'cut', afterEvents: -1 }] })).rejects.toThrow(
      'needs "afterEvents" or "afterBytes", a whole number from 0 on',
    )
  })

  it.each(allSessions)('keeps all invariants with %s', async (_, session) => {
    const run = await runRecording(session)
    await expect(run).toKeepInvariants()
    expect(run).toHaveEnded()
    expect(run).toHaveNoToolRunning()
  })
})
