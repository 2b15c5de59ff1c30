import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type AgentEvent,
  type AgentEventType,
  createFold,
  decodeEvent,
  EMPTY_RUN_STATE,
  fold,
  type RunState,
} from '../src/index.ts'
import { anyEvent, anyEvents, anyFrame, EVENT_TYPES } from './arbitrary.ts'
import { schemaErrors } from './schema.ts'

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}

const token = (text: string): AgentEvent => ({ type: 'token', text })

describe('fold', () => {
  it('is total: whatever frames come, it throws nothing and its state keeps to the schema', () => {
    const numbered = fc.tuple(anyFrame, fc.option(fc.nat(20), { nil: undefined }))
    fc.assert(
      fc.property(fc.array(numbered, { maxLength: 30 }), (frames) => {
        const run = createFold()
        for (const [frame, seq] of frames) {
          const decoded = decodeEvent(frame)
          if (decoded.type === 'warning') run.warn(decoded, seq)
          else run.apply(decoded, seq)
        }
        expect(schemaErrors('run-state', JSON.parse(JSON.stringify(run.snapshot())))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('gives the same state however often it is read on the way', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const run = createFold()
        for (const event of events) {
          run.apply(event)
          run.snapshot()
        }
        expect(run.snapshot()).toEqual(fold(events))
      }),
      { numRuns: 500 },
    )
  })

  it('changes nothing for numbered duplicates of anything, at any later time', () => {
    const types = EVENT_TYPES.filter((type) => !['gap', 'done'].includes(type))
    const entries = fc.array(fc.tuple(anyEvent(types), fc.array(fc.nat(), { maxLength: 2 })), {
      maxLength: 15,
    })
    fc.assert(
      fc.property(entries, (numbered) => {
        const started: AgentEvent = { type: 'run_started', runId: 'r', startedAt: '', protocol: '1' }
        const once = createFold()
        const often = createFold()
        const sent: AgentEvent[] = []
        let duplicates = 0
        for (const [event, repeats] of [[started, []] as const, ...numbered]) {
          sent.push(event)
          once.apply(event, sent.length)
          expect(often.apply(event, sent.length)).toBe(true)
          for (const repeat of repeats) {
            const index = repeat % sent.length
            expect(often.apply(sent[index] as AgentEvent, index + 1)).toBe(false)
            duplicates++
          }
        }
        const state = often.snapshot()
        expect(state.seq.duplicates).toBe(duplicates)
        expect({ ...state, seq: { ...state.seq, duplicates: 0 } }).toEqual(once.snapshot())
      }),
    )
  })

  it('takes nothing after done, and says so', () => {
    const run = createFold()
    run.apply(token('a'))
    const done = fold([{ type: 'error', errorType: 'a', message: 'A' }])
    expect(done.outcome).toBeNull()
    run.apply({
      type: 'done',
      messageId: '',
      numTurns: 0,
      toolCount: 0,
      durationMs: 0,
      model: '',
      isError: false,
    })
    const state = run.snapshot()
    expect(run.apply(token('b'))).toBe(false)
    run.warn({ type: 'warning', code: 'unknown_event', message: 'late' })
    expect(run.snapshot()).toBe(state)
  })

  it('keeps the first 100 warnings and counts them all', () => {
    const run = createFold()
    for (let i = 0; i < 150; i++) run.warn({ type: 'warning', code: 'unknown_event', message: String(i) })
    const { warnings, warningCount, eventCount } = run.snapshot()
    expect(warnings).toHaveLength(100)
    expect(warnings[99]?.message).toBe('99')
    expect({ warningCount, eventCount }).toEqual({ warningCount: 150, eventCount: 150 })
  })

  it('says in the warning how the final packet and what was received differ', () => {
    const { warnings, reconciled } = fold([
      token('a'),
      {
        type: 'done',
        messageId: '',
        numTurns: 0,
        toolCount: 0,
        durationMs: 0,
        model: '',
        isError: false,
        final: { eventCount: 2, textChars: 1, textHash: '00000000' },
      },
    ])
    expect(reconciled).toBe(false)
    expect(warnings[0]?.message).toBe(
      'What was received is not what was sent: eventCount 1 instead of 2, textHash e8b7be43 instead of 00000000',
    )
  })
})

describe('the shared state', () => {
  const patch: AgentEvent = { type: 'state_delta', patch: [{ op: 'add', path: '/b', value: 2 }] }

  it('stays as it is, with one warning, where nothing applies patches', () => {
    const state = fold([{ type: 'state_snapshot', state: { a: 1 } }, patch, patch])
    expect(state).toMatchObject({ state: { a: 1 }, warningCount: 1, eventCount: 3 })
    expect(state.warnings).toEqual([
      {
        type: 'warning',
        code: 'patch_unsupported',
        message: expect.stringContaining('applyPatch that of @agent-stream/protocol/json-patch'),
      },
    ])
  })

  it('is not changed by whatever breaks while a patch is applied', () => {
    const applyPatch = () => {
      throw 'no error at all'
    }
    const state = fold([{ type: 'state_snapshot', state: 1 }, patch], { applyPatch })
    expect(state).toMatchObject({ state: 1, warnings: [{ code: 'patch_failed' }] })
  })
})

describe('snapshot', () => {
  it('is the empty state before the first event', () => {
    expect(createFold().snapshot()).toBe(EMPTY_RUN_STATE)
  })

  it('is the same object until something changes', () => {
    const run = createFold()
    run.apply(token('a'))
    const state = run.snapshot()
    expect(run.snapshot()).toBe(state)
    run.apply(token('b'))
    expect(run.snapshot()).not.toBe(state)
  })

  it('is immutable: later events neither change it nor need to', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const run = createFold()
        const taken: [RunState, string][] = []
        for (const event of events) {
          run.apply(deepFreeze(event))
          const state = deepFreeze(run.snapshot())
          taken.push([state, JSON.stringify(state)])
        }
        for (const [state, text] of taken) expect(JSON.stringify(state)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  /** What an event of a type may touch; everything else keeps its identity. */
  const touched: Readonly<Record<AgentEventType, readonly (keyof RunState)[]>> = {
    token: ['text', 'parts'],
    thinking: ['thinking', 'parts'],
    tool_use: ['tools', 'activeTools', 'parts'],
    tool_input_delta: ['tools', 'activeTools', 'parts'],
    tool_result: ['tools', 'activeTools', 'parts'],
    turn: ['turn'],
    progress: ['progress'],
    creation: ['creations', 'parts'],
    error: ['error'],
    done: [
      'done',
      'usage',
      'error',
      'reconciled',
      'outcome',
      'tools',
      'activeTools',
      'parts',
      'warnings',
      'warningCount',
    ],
    run_started: ['runId', 'startedAt'],
    plan_created: ['plan', 'steps'],
    step_started: ['steps'],
    step_completed: ['steps'],
    source_added: ['sources', 'parts'],
    quality_checked: ['checks'],
    input_required: ['pendingInputs'],
    input_received: ['pendingInputs'],
    file: ['parts'],
    custom: ['parts'],
    state_snapshot: ['state'],
    state_delta: ['state', 'warnings', 'warningCount'],
    rollback: [
      'text',
      'thinking',
      'parts',
      'tools',
      'activeTools',
      'turn',
      'creations',
      'sources',
      'pendingInputs',
    ],
    gap: ['seq'],
  }

  it('shares with the one before all that the event does not touch', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const run = createFold()
        for (const event of events) {
          const before = run.snapshot()
          if (!run.apply(event)) continue
          const after = run.snapshot()
          const mayChange = new Set<string>([...touched[event.type], 'eventCount', 'lastEventType'])
          for (const key of Object.keys(EMPTY_RUN_STATE) as (keyof RunState)[]) {
            if (!mayChange.has(key)) expect(after[key], `${key} after ${event.type}`).toBe(before[key])
          }
          const others = before.parts.filter((part, index) => part !== after.parts[index])
          // `done` may end every tool, and a rollback takes parts away; any other event grows one part at most.
          if (event.type !== 'done' && event.type !== 'rollback') expect(others.length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the list of active tools while arguments stream', () => {
    const run = createFold()
    run.apply({ type: 'tool_use', toolName: 'a', toolUseId: '1', inputSummary: '', status: 'running' })
    const { activeTools, tools } = run.snapshot()
    run.apply({ type: 'tool_input_delta', toolUseId: '1', delta: '{' })
    expect(run.snapshot().activeTools).toBe(activeTools)
    expect(run.snapshot().tools).not.toBe(tools)
  })
})
