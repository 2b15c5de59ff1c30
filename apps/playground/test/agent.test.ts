import { fold, type RunState } from '@agent-stream/protocol'
import { memoryLog } from '@agent-stream/server'
import { describe, expect, it } from 'vitest'
import { type Agents, catalogue, runIdOf, startAgents, stateOf } from './agents.ts'

const recorded = (id: string): RunState => fold(catalogue.get(id)?.events.map(({ event }) => event) ?? [])

/** Starts a run; it goes on by itself. */
async function start(agents: Agents, more: object): Promise<string> {
  const response = await agents.post('/runs', { recording: 'repository-question', ...more })
  expect(response.status).toBe(200)
  await response.body?.cancel()
  return runIdOf(response)
}

describe('the playing agent', () => {
  it.each([...catalogue.keys()])('plays %s as it was recorded', async (recording) => {
    await using agents = await startAgents()
    const state = await stateOf(await agents.post('/runs', { recording, speed: 10_000 }))
    const { text, thinking, outcome } = recorded(recording)
    expect(state).toMatchObject({
      text,
      thinking,
      outcome,
      reconciled: true,
      seq: { gaps: [], duplicates: 0 },
    })
  })

  it('keeps the recording’s pace, divided by the speed', async () => {
    await using agents = await startAgents()
    const began = performance.now()
    await stateOf(await agents.post('/runs', { recording: 'repository-question', speed: 20 }))
    expect(performance.now() - began).toBeGreaterThan(8128 / 20 - 5)
  })

  it.each([1, 20, 60, 120, 161])('goes on in another process after event %i', async (last) => {
    const log = memoryLog()
    const runId = await (async () => {
      await using agents = await startAgents(log)
      const id = await start(agents, { speed: 40 })
      await stateOf(await agents.events(id), ({ seq }) => seq.last >= last)
      return id
    })()
    await using next = await startAgents(log)
    const state = await stateOf(await next.events(runId))
    const { text, thinking, tools } = recorded('repository-question')
    expect(state).toMatchObject({ text, thinking, outcome: 'complete', reconciled: true })
    expect(state.tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
  })

  it('asks before its first tool, and goes on with a yes', async () => {
    await using agents = await startAgents()
    const runId = await start(agents, { speed: 10_000, ask: 'approval' })
    const asked = await stateOf(await agents.events(runId), ({ pendingInputs }) => pendingInputs.length > 0)
    expect(asked).toMatchObject({ tools: [], pendingInputs: [{ inputId: 'approval', kind: 'approval' }] })
    expect(asked.pendingInputs[0]?.message).toMatch(/^May I use \w+\?$/)
    const answered = await agents.post(`/runs/${runId}/input`, { input_id: 'approval', answer: true })
    expect(answered.status).toBe(200)
    const { text, outcome } = recorded('repository-question')
    expect(await stateOf(await agents.events(runId))).toMatchObject({ text, outcome, pendingInputs: [] })
  })

  it('stops with a no', async () => {
    await using agents = await startAgents()
    const runId = await start(agents, { speed: 10_000, ask: 'approval' })
    await stateOf(await agents.events(runId), ({ pendingInputs }) => pendingInputs.length > 0)
    await agents.post(`/runs/${runId}/input`, { input_id: 'approval', answer: false })
    const state = await stateOf(await agents.events(runId))
    expect(state).toMatchObject({ tools: [], outcome: 'complete', reconciled: true })
    expect(state.text).toMatch(/Then I stop here, as you wish\.$/)
  })

  it.each([
    ['Go on', 'complete'],
    ['Go faster', 'complete'],
  ])('lets its pace be chosen: %s', async (answer, outcome) => {
    await using agents = await startAgents()
    const runId = await start(agents, { recording: 'crossing', speed: 10_000, ask: 'choice' })
    const asked = await stateOf(await agents.events(runId), ({ pendingInputs }) => pendingInputs.length > 0)
    expect(asked.pendingInputs[0]?.options).toContain(answer)
    await agents.post(`/runs/${runId}/input`, { input_id: 'pace', answer })
    const { text } = recorded('crossing')
    expect(await stateOf(await agents.events(runId))).toMatchObject({ text, outcome })
  })

  it('asks once, though its process dies before the answer', async () => {
    const log = memoryLog()
    const runId = await (async () => {
      await using agents = await startAgents(log)
      const id = await start(agents, { speed: 10_000, ask: 'approval' })
      await stateOf(await agents.events(id), ({ pendingInputs }) => pendingInputs.length > 0)
      return id
    })()
    await using next = await startAgents(log)
    await next.post(`/runs/${runId}/input`, { input_id: 'approval', answer: true })
    const state = await stateOf(await next.events(runId))
    const { text } = recorded('repository-question')
    expect(state).toMatchObject({ text, outcome: 'complete', reconciled: true })
    expect(state.eventCount).toBe(1 + 161 + 2)
  })

  it('ends as stopped when the run is cancelled, also while it asks', async () => {
    await using agents = await startAgents()
    const runId = await start(agents, { speed: 10_000, ask: 'approval' })
    await stateOf(await agents.events(runId), ({ pendingInputs }) => pendingInputs.length > 0)
    expect((await agents.post(`/runs/${runId}/cancel`, {})).status).toBe(202)
    expect(await stateOf(await agents.events(runId))).toMatchObject({ outcome: 'stopped' })
  })
})
