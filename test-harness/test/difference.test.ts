import { AgentStreamError } from '@agent-stream/core'
import { describe, expect, it } from 'vitest'

import { differences } from '../src/difference.ts'

describe('differences', () => {
  it('says where two values differ, and how', () => {
    expect(differences({ tools: [{ status: 'running' }] }, { tools: [{ status: 'done' }] })).toEqual([
      'tools[0].status is "running" instead of "done"',
    ])
    expect(differences({ a: 1, b: [1] }, { a: 1, b: [1, 2], c: null })).toEqual([
      'b[1] is absent instead of 2',
      'c is absent instead of null',
    ])
    expect(differences([], {})).toEqual(['the whole is [] instead of {}'])
  })

  it('finds none between values that are the same as JSON', () => {
    const error = new AgentStreamError('network_error', 'gone')
    expect(differences({ a: undefined, b: error }, { b: error.toJSON() })).toEqual([])
    expect(differences({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([])
  })

  it('shows of long texts what is around the first difference', () => {
    const [found] = differences({ text: `${'a'.repeat(500)}X` }, { text: `${'a'.repeat(500)}Y` })
    expect(found).toContain('aX"')
    expect(found).toContain('aY"')
    expect(found?.length).toBeLessThan(220)
  })

  it('shows five places of many', () => {
    const found = differences(Array(20).fill(1), Array(20).fill(2))
    expect(found).toHaveLength(6)
    expect(found.at(-1)).toBe('and 15 more')
  })
})
