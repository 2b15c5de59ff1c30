import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AgentEvent, createFold, fold, type Part } from '../src/index.ts'
import { anyEvent } from './arbitrary.ts'

function textLength(type: string, items: readonly (AgentEvent | Part)[]): number {
  return items.reduce((sum, item) => sum + (item.type === type && 'text' in item ? item.text.length : 0), 0)
}

describe('parts', () => {
  it('lose and add no text', () => {
    const types = ['token', 'thinking', 'tool_use', 'custom'] as const
    fc.assert(
      fc.property(fc.array(anyEvent(types), { maxLength: 20 }), (events) => {
        const { parts, text, thinking } = fold(events)
        expect(textLength('text', parts)).toBe(textLength('token', events))
        expect(textLength('thinking', parts)).toBe(textLength('thinking', events))
        const roots = events.filter(
          (event) => 'text' in event && event.branchId === undefined && event.parentToolUseId === undefined,
        )
        expect(text.length).toBe(textLength('token', roots))
        expect(thinking.length).toBe(textLength('thinking', roots))
      }),
    )
  })

  it('hold text of one origin only, and say which', () => {
    const origin = { messageId: 'm', blockId: 'k', branchId: 'b', parentToolUseId: 't' }
    fc.assert(
      fc.property(fc.array(anyEvent(['token', 'thinking']), { maxLength: 20 }), (events) => {
        for (const part of fold(events).parts) {
          const { type: _, text, refusal, ...rest } = part as Extract<Part, { readonly text: string }>
          expect(Object.keys(origin)).toEqual(expect.arrayContaining(Object.keys(rest)))
          expect(Object.values(rest)).not.toContain(undefined)
          expect([undefined, true, false]).toContain(refusal)
          expect(text).toBeTypeOf('string')
        }
      }),
    )
  })

  it('grow by copying: a part that was handed out keeps its text', () => {
    const run = createFold()
    run.apply({ type: 'token', text: 'a' })
    const [before] = run.snapshot().parts
    run.apply({ type: 'token', text: 'b' })
    expect(run.snapshot().parts).toEqual([{ type: 'text', text: 'ab' }])
    expect(before).toEqual({ type: 'text', text: 'a' })
  })

  it('of tools are the very objects of the list of tools', () => {
    const { parts, tools } = fold([
      { type: 'tool_use', toolName: 'a', toolUseId: '1', inputSummary: '', status: 'running' },
    ])
    expect(parts.map((part) => part.type === 'tool' && part.tool)).toEqual(tools)
    expect(parts[0]?.type === 'tool' && parts[0].tool).toBe(tools[0])
  })
})
