import type { RecordedSession, Tool } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import {
  INVARIANTS,
  REDUCER_INVARIANTS,
  type RecordingRun,
  type Reducer,
  type ReducerRun,
  type Rerun,
  runRecording,
  runReducer,
} from '../src/index.ts'
import { brokenReducer, carefulReducer } from './fixtures/reducers.ts'
import { allSessions, parallelTools, runLog } from './fixtures/sessions.ts'

/** What the invariants say against a run, by their names. */
async function violations(
  run: RecordingRun,
  rerun: Rerun<RecordingRun> = () => Promise.resolve(run),
): Promise<Record<string, readonly string[]>> {
  const all = INVARIANTS.map(async (each) => [each.name, await each.violations(run, rerun)] as const)
  return Object.fromEntries((await Promise.all(all)).filter(([, found]) => found.length > 0))
}

async function reducerViolations<State>(session: RecordedSession, reducer: Reducer<State>) {
  const run = await runReducer(session, reducer)
  const rerun: Rerun<ReducerRun> = ({ session: other = session, ...change }) =>
    runReducer(other, reducer, change)
  const all = REDUCER_INVARIANTS.map(async (each) => [each.name, await each.violations(run, rerun)] as const)
  return Object.fromEntries((await Promise.all(all)).filter(([, found]) => found.length > 0))
}

/** A real run, but for what is made wrong in it. */
async function falsified(change: (run: RecordingRun) => Partial<RecordingRun>): Promise<RecordingRun> {
  const run = await runRecording(parallelTools)
  return { ...run, ...change(run) }
}

describe('the invariants of the client', () => {
  it('find a run that goes on', async () => {
    const run = await falsified(({ final }) => ({ final: { ...final, isDone: false, status: 'streaming' } }))
    expect(await violations(run)).toEqual({
      'reaches a terminal state': ['it is still going on: status streaming'],
    })
  })

  it('find a tool that still runs', async () => {
    const run = await falsified(({ final }) => ({ final: { ...final, activeTools: ['search'] } }))
    expect(await violations(run)).toEqual({
      'has no tool running after the end': ['still running: search'],
    })
  })

  it('find text that is doubled, lost or of a sub-agent', async () => {
    for (const wrong of [(text: string) => text + text, (text: string) => text.slice(1), () => '']) {
      const run = await falsified(({ final }) => ({ final: { ...final, text: wrong(final.text) } }))
      expect(Object.keys(await violations(run))).toEqual(['holds the text of the tokens'])
    }
    const inner = { t: 0, event: 'token', data: { text: 'inner', parent_tool_use_id: 'toolu_a' } }
    const session = { ...parallelTools, events: [inner, ...parallelTools.events] }
    expect(await violations(await runRecording(session))).toEqual({})
  })

  it('allow a beginning of the text where the answer broke off, and nothing else', async () => {
    const faults = [{ type: 'cut', afterEvents: 3 } as const]
    const client = { retry: { onDrop: 'resume-only' } } as const
    const run = await runRecording(parallelTools, { faults, client })
    expect(run.final).toMatchObject({ outcome: 'truncated', text: 'Let me look at the order and the stock.' })
    expect(await violations(run)).toEqual({})
    const other = { ...run, final: { ...run.final, text: 'Let me lock' } }
    expect(Object.keys(await violations(other))).toEqual(['holds the text of the tokens'])
  })

  it('find steps that the lifecycle cannot take', async () => {
    const run = await falsified(({ transitions }) => ({
      transitions: [...transitions, { atMs: 4000, from: 'done', to: 'streaming.open' }],
    }))
    expect(await violations(run)).toEqual({
      'makes legal transitions only': ['at 4000 ms: done → streaming.open'],
    })
    const skipped = await falsified(({ transitions }) => ({ transitions: transitions.slice(1) }))
    expect(await violations(skipped)).toEqual({
      'makes legal transitions only': ['at 0 ms: streaming.connecting → streaming.open'],
    })
  })

  it('find a tool that comes to life again, or is gone', async () => {
    for (const [index, at] of [
      [8, 'running'],
      [8, 'gone'],
    ] as const) {
      const run = await falsified(({ snapshots }) => ({
        snapshots: snapshots.map((shown, place) => {
          if (place !== index) return shown
          const [first, second] = shown.snapshot.tools as [Tool, Tool]
          const tools = at === 'gone' ? [first] : [first, { ...second, status: at }]
          return { ...shown, snapshot: { ...shown.snapshot, tools } }
        }),
      }))
      expect((await violations(run))['makes legal transitions only']?.[0]).toBe(
        `at 2940 ms: tool toolu_b: done → ${at}`,
      )
    }
  })

  it('find an end state that depends on where the bytes were cut, or on which tool was quicker', async () => {
    const run = await runRecording(parallelTools)
    const other = { ...run, final: { ...run.final, turn: null } }
    const found = await violations(run, () => Promise.resolve(other))
    expect(Object.keys(found)).toEqual([
      'ends in the same state however the bytes are cut',
      'ends in the same state however tool events are ordered',
    ])
    expect(found['ends in the same state however the bytes are cut']?.[0]).toBe(
      'cut after 1 bytes: turn is null instead of {"turnNumber":2,"totalTools":2}',
    )
  })
})

describe('the invariants of a reducer', () => {
  it.each(allSessions.filter(([name]) => !/sub-agent|taken-back/.test(name)))(
    'hold for one that goes by ids, with %s',
    async (_, session) => {
      // It shows a tool from its call on, not from its first argument.
      const events = session.events.filter(({ event }) => event !== 'tool_input_delta')
      expect(await reducerViolations({ ...session, events }, carefulReducer)).toEqual({})
    },
  )

  it('find the badge that is wrong, and say at which event', async () => {
    const found = await reducerViolations(runLog, brokenReducer)
    expect(found['shows each tool from its call to its result']).toEqual([
      'after event 6, tool_result toolu_b: it shows [check_stock,find_order], but running are [find_order]',
    ])
  })

  it('let a reducer see numbers: one that does not look at them shows repeated text', async () => {
    const faults = [{ type: 'duplicate', seed: 3 }] as const
    const run = await runReducer(runLog, carefulReducer, { faults })
    const text = REDUCER_INVARIANTS.find(({ name }) => name === 'holds the text of the tokens')
    expect(await text?.violations(run, () => Promise.resolve(run))).toHaveLength(1)
    const seen = new Set<number>()
    const guarded: typeof carefulReducer = {
      ...carefulReducer,
      reduce(state, event, seq) {
        if (seq !== undefined && seen.has(seq)) return state
        seen.add(seq ?? 0)
        return carefulReducer.reduce(state, event, seq)
      },
    }
    const guardedRun = await runReducer(runLog, guarded, { faults })
    expect(await text?.violations(guardedRun, () => Promise.resolve(guardedRun))).toEqual([])
  })

  it('are not asked about faults that a reducer cannot meet', async () => {
    const faults = [{ type: 'stall', afterEvents: 1, ms: Infinity }] as never
    await expect(runReducer(parallelTools, carefulReducer, { faults })).rejects.toThrow(
      'runReducer: a reducer has no connection to break',
    )
  })

  it('give a stream that breaks off an end', async () => {
    const { views, final } = await runReducer(
      { ...parallelTools, events: parallelTools.events.slice(0, 4) },
      carefulReducer,
    )
    expect(views.at(-1)?.event.type).toBe('done')
    expect(final).toEqual({ text: 'Let me look at the order and the stock.', activeTools: [], isDone: true })
  })
})
