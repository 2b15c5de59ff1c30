import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AgentEvent, fold } from '../src/index.ts'
import { isRoot, laneKey, originOf, Parts } from '../src/parts.ts'
import { anyEvent } from './arbitrary.ts'

describe('parts', () => {
  it('lose and add no text: those of a branch hold what its tokens said', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent(['token', 'thinking', 'tool_use', 'custom']), { maxLength: 20 }),
        (events) => {
          const { parts, text, thinking } = fold(events)
          const lengthOf = (type: string, items: readonly (AgentEvent | (typeof parts)[number])[]) =>
            items.reduce(
              (sum, item) => sum + (item.type === type && 'text' in item ? item.text.length : 0),
              0,
            )
          expect(lengthOf('text', parts)).toBe(lengthOf('token', events))
          expect(lengthOf('thinking', parts)).toBe(lengthOf('thinking', events))
          const roots = events.filter((event) => 'text' in event && isRoot(event))
          expect(text.length + thinking.length).toBe(lengthOf('token', roots) + lengthOf('thinking', roots))
        },
      ),
    )
  })

  it('grow by copying: a part that was handed out keeps its text', () => {
    const parts = new Parts()
    parts.appendText({ type: 'token', text: 'a' })
    const [before] = parts.snapshot()
    parts.appendText({ type: 'token', text: 'b' })
    expect(parts.snapshot()).toEqual([{ type: 'text', text: 'ab' }])
    expect(before).toEqual({ type: 'text', text: 'a' })
  })
})

describe('originOf', () => {
  it('takes the four fields of an origin that are there, and nothing else', () => {
    const origin = { messageId: 'm', branchId: 'b' }
    expect(Object.keys(originOf({ ...origin, text: 'x' } as typeof origin))).toEqual([
      'messageId',
      'branchId',
    ])
  })
})

describe('laneKey', () => {
  it('tells branches, sub-agents and the root apart, and nothing else', () => {
    const keys = [
      {},
      { branchId: 'a' },
      { parentToolUseId: 'a' },
      { branchId: 'a', parentToolUseId: 'a' },
    ].map(laneKey)
    expect(new Set(keys).size).toBe(4)
    expect(laneKey({ messageId: 'm', blockId: 'b' })).toBe('')
  })
})
