import { describe, expect, it } from 'vitest'

import { appliesTo, expectationsOf, type HostileCase, hostileGroups } from '../../src/hostile/index.ts'

describe('the cases', () => {
  it('have names of their own, a reason, and something that is expected', () => {
    const all = hostileGroups.flatMap(({ cases }) => cases)
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { why, expect: expectations } of all) {
      expect(why).not.toBe('')
      expect(expectations.length).toBeGreaterThan(0)
    }
  })

  it('apply where they say, or where all of their messages are known', () => {
    const toolCase: HostileCase = {
      name: 'x',
      why: 'x',
      responses: [{ steps: [{ repeat: 2, steps: [{ message: 'tool-result', id: '1', output: 'x' }] }] }],
      expect: [{ outcome: 'complete' }],
    }
    expect(appliesTo(toolCase, 'ag-ui')).toBe(true)
    expect(appliesTo(toolCase, 'openai-chat')).toBe(false)
    expect(appliesTo({ ...toolCase, dialects: ['ai-sdk-ui'] }, 'ag-ui')).toBe(false)
  })

  it('expect what they say of a dialect, and else what they say of all', () => {
    const both: HostileCase = {
      name: 'x',
      why: 'x',
      responses: [{}],
      expect: [{ outcome: 'failed' }],
      byDialect: { 'ag-ui': [{ outcome: 'complete' }] },
    }
    expect(expectationsOf(both, 'ag-ui')).toEqual([{ outcome: 'complete' }])
    expect(expectationsOf(both, 'agent-stream')).toEqual([{ outcome: 'failed' }])
  })
})
