import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { runRecording, runReducer } from '../src/index.ts'
import '../src/vitest.ts'
import { brokenReducer } from './fixtures/reducers.ts'
import { parallelTools } from './fixtures/sessions.ts'

const cut = { ...parallelTools, events: parallelTools.events.slice(0, 4) }

describe('the matchers', () => {
  it('toHaveEnded takes runs and snapshots, and an outcome', async () => {
    const run = await runRecording(parallelTools)
    expect(run).toHaveEnded()
    expect(run).toHaveEnded('complete')
    expect(run.final).toHaveEnded('complete')
    expect(run.snapshots[3]?.snapshot).not.toHaveEnded()
    expect(() => expect(run).toHaveEnded('failed')).toThrow(
      'The run ended complete; it was expected to end failed',
    )
    const hanging = await runRecording(cut, { end: 'hang', limitMs: 0 })
    expect(() => expect(hanging).toHaveEnded()).toThrow('The run is still going on')
    expect(() => expect({}).toHaveEnded()).toThrow(
      'expected a run of runRecording or runReducer, or a snapshot',
    )
  })

  it('toHaveNoToolRunning names those that run', async () => {
    expect(await runRecording(cut)).toHaveNoToolRunning()
    const broken = await runReducer(parallelTools, brokenReducer)
    expect(broken).not.toHaveNoToolRunning()
    expect(() => expect(broken).toHaveNoToolRunning()).toThrow('Still running: check_stock')
  })

  it('toHaveTransitions shows the way that was taken', async () => {
    const run = await runRecording(cut)
    expect(run).toHaveTransitions(['streaming.connecting', 'streaming.open', 'synthetic-done'])
    expect(() => expect(run).toHaveTransitions(['done'])).toThrow(
      'The lifecycle was idle → streaming.connecting → streaming.open → synthetic-done',
    )
  })

  it('toKeepInvariants tells each that is broken', async () => {
    const run = await runRecording(parallelTools)
    await expect(run).toKeepInvariants()
    const wrong = { ...run, final: { ...run.final, activeTools: ['search'] } }
    await expect(expect(wrong).toKeepInvariants()).rejects.toThrow(
      'has no tool running after the end: still running: search',
    )
    await expect(wrong).toKeepInvariants({}, [])
  })

  it('toMatchExpectedState compares with what the file has of the session', async () => {
    const run = await runRecording(parallelTools)
    const folder = mkdtempSync(join(tmpdir(), 'agent-stream-matchers-'))
    try {
      const file = join(folder, 'night.expected.json')
      writeFileSync(file, JSON.stringify({ sessions: { [run.session.id]: { status: 'stopped' } } }))
      expect(run).not.toMatchExpectedState(file)
      expect(run).toMatchExpectedState(join(import.meta.dirname, 'recordings/parallel-tools.expected.json'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
