import { describe, expect, it } from 'vitest'

import { type AgentEvent, endRun, fold } from '../src/index.ts'

const use = (toolUseId: string): AgentEvent => ({
  type: 'tool_use',
  toolName: 'search',
  toolUseId,
  inputSummary: '',
  status: 'running',
})

const result = (toolUseId: string): AgentEvent => ({
  type: 'tool_result',
  toolName: 'search',
  toolUseId,
  outputSummary: '',
  durationMs: 1,
  status: 'done',
})

describe('endRun', () => {
  it('leaves nothing running, in the list and in the parts', () => {
    const ended = endRun(fold([{ type: 'token', text: 'a' }, use('t1'), use('t2'), result('t1')]), 'closed')
    expect(ended.tools.map(({ status }) => status)).toEqual(['done', 'incomplete'])
    expect(ended.activeTools).toEqual([])
    expect(ended.parts.slice(1)).toEqual(ended.tools.map((tool) => ({ type: 'tool', tool })))
  })

  it('shares what does not change and leaves the given state as it was', () => {
    const state = fold([{ type: 'token', text: 'a' }, use('t1'), use('t2'), result('t1')])
    const before = JSON.stringify(state)
    const ended = endRun(state, 'stopped')
    expect(ended.tools[0]).toBe(state.tools[0])
    expect(ended.parts[0]).toBe(state.parts[0])
    expect(ended.steps).toBe(state.steps)
    expect(JSON.stringify(state)).toBe(before)
  })

  it('returns a run that has ended as the same object', () => {
    const state = fold([
      { type: 'token', text: 'a' },
      { type: 'error', errorType: 'a', message: 'A' },
    ])
    const ended = endRun(state, 'closed')
    expect(ended.outcome).toBe('failed')
    expect(endRun(ended, 'stopped')).toBe(ended)
  })

  it('keeps the error of the run unless it is given another', () => {
    const state = fold([{ type: 'error', errorType: 'a', message: 'A' }])
    expect(endRun(state, 'stopped').error).toEqual({ errorType: 'a', message: 'A' })
    const error = { errorType: 'network_error', message: 'Lost' }
    expect(endRun(state, 'failed', error)).toMatchObject({ outcome: 'failed', error })
  })
})
