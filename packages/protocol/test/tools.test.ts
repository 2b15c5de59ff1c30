import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AgentEvent, createFold, fold, type Tool } from '../src/index.ts'
import { anyJson } from './arbitrary.ts'

/** The events of one call: its start, perhaps given twice; its arguments in pieces; its results. */
const anyCall = fc.record({
  toolName: fc.constantFrom('search', 'fetch'),
  deltas: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
  input: anyJson,
  output: anyJson,
  status: fc.constantFrom('done' as const, 'error' as const),
  preliminary: fc.array(anyJson, { maxLength: 2 }),
  branchId: fc.constantFrom(undefined, 'b'),
})

type Call = typeof anyCall extends fc.Arbitrary<infer T> ? T : never

function eventsOf(call: Call, index: number): AgentEvent[] {
  const { toolName, deltas, input, output, status, preliminary, branchId } = call
  const origin = { toolUseId: `t${index}`, ...(branchId && { branchId }) }
  const result = { type: 'tool_result' as const, toolName, outputSummary: '', durationMs: 1, ...origin }
  return [
    { type: 'tool_use', toolName, inputSummary: 'in', status: 'running', input, ...origin },
    ...deltas.map((delta): AgentEvent => ({ type: 'tool_input_delta', delta, ...origin })),
    ...preliminary.map(
      (part): AgentEvent => ({ ...result, status: 'done', output: part, preliminary: true }),
    ),
    { ...result, status, output },
  ]
}

/** These events shuffled by the sort keys; each tool's argument deltas keep their own order. */
function shuffled(events: readonly AgentEvent[], keys: readonly number[]): AgentEvent[] {
  const order = events.map((event, index) => ({ event, key: keys[index % keys.length] ?? 0, index }))
  const mixed = order.toSorted((a, b) => a.key - b.key || a.index - b.index).map(({ event }) => event)
  const deltas = new Map<string, AgentEvent[]>()
  for (const event of events) {
    if (event.type !== 'tool_input_delta') continue
    deltas.set(event.toolUseId, [...(deltas.get(event.toolUseId) ?? []), event])
  }
  return mixed.map((event) =>
    event.type === 'tool_input_delta' ? (deltas.get(event.toolUseId)?.shift() as AgentEvent) : event,
  )
}

const byId = (tools: readonly Tool[]) => tools.toSorted((a, b) => a.id.localeCompare(b.id))

describe('tools', () => {
  it('are the same in every order of calls, results and arguments, and with repetitions; none runs on', () => {
    const keys = fc.array(fc.nat(), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(
        fc.array(anyCall, { minLength: 1, maxLength: 4 }),
        keys,
        fc.array(fc.nat()),
        (calls, order, picks) => {
          const events = calls.flatMap(eventsOf)
          const repeatable = events.filter(({ type }) => type !== 'tool_input_delta')
          const repeated = picks.map((pick) => repeatable[pick % repeatable.length] as AgentEvent)
          const wanted = fold(events)
          const state = fold(shuffled([...events, ...repeated], order))
          expect(byId(state.tools)).toEqual(byId(wanted.tools))
          expect(state.tools).toHaveLength(calls.length)
          expect(state.activeTools).toEqual([])
          expect(state.tools.filter(({ status }) => status === 'running')).toEqual([])
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('without ids pair calls and results by name, in order of arrival', () => {
    const names = fc.array(fc.constantFrom('a', 'b'), { maxLength: 6 })
    fc.assert(
      fc.property(names, (calls) => {
        const uses = calls.map(
          (toolName, index): AgentEvent => ({
            type: 'tool_use',
            toolName,
            toolUseId: '',
            inputSummary: String(index),
            status: 'running',
          }),
        )
        const results = calls.map(
          (toolName, index): AgentEvent => ({
            type: 'tool_result',
            toolName,
            toolUseId: '',
            outputSummary: String(index),
            durationMs: 0,
            status: 'done',
          }),
        )
        for (const events of [
          [...uses, ...results],
          [...results, ...uses],
        ]) {
          const { tools } = fold(events)
          expect(tools).toHaveLength(calls.length)
          expect(tools.filter((tool) => tool.inputSummary !== tool.outputSummary)).toEqual([])
        }
      }),
    )
  })

  it('have ids of their own where the wire gives none', () => {
    const use: AgentEvent = {
      type: 'tool_use',
      toolName: 'a',
      toolUseId: '',
      inputSummary: '',
      status: 'running',
    }
    expect(fold([use, use, use]).tools.map(({ id }) => id)).toEqual(['a#1', 'a#2', 'a#3'])
  })

  it('that come back in a later turn are compared piece by piece: two long calls cost about what one does', () => {
    const timeMs = (isAgain: boolean) => {
      const run = createFold()
      const started = performance.now()
      for (const turnNumber of isAgain ? [1, 2] : [1]) {
        run.apply({ type: 'turn', turnNumber, totalTools: 0 })
        run.apply({ type: 'tool_use', toolName: 'a', toolUseId: 't', inputSummary: '', status: 'running' })
        for (let i = 0; i < 40_000; i++)
          run.apply({ type: 'tool_input_delta', toolUseId: 't', delta: 'x'.repeat(25) })
        if (turnNumber === 2) break
        run.apply({
          type: 'tool_result',
          toolName: 'a',
          toolUseId: 't',
          outputSummary: '',
          durationMs: 0,
          status: 'done',
        })
      }
      expect(run.snapshot().tools).toHaveLength(1)
      return performance.now() - started
    }
    timeMs(false)
    // Looking at the whole for each piece takes hundreds of times as long.
    expect(timeMs(true)).toBeLessThan(50 * Math.max(1, timeMs(false)))
  })

  it('stay cheap: thousands of calls and argument pieces fold in linear time', () => {
    const events = Array.from({ length: 2000 }, (_, i) => `t${i}`).flatMap((toolUseId): AgentEvent[] => [
      { type: 'tool_use', toolName: 'a', toolUseId, inputSummary: '', status: 'running' },
      { type: 'tool_input_delta', toolUseId, delta: '{}' },
      { type: 'tool_result', toolName: 'a', toolUseId, outputSummary: '', durationMs: 0, status: 'done' },
    ])
    const { tools, activeTools } = fold(events)
    expect(tools).toHaveLength(2000)
    expect(activeTools).toEqual([])
  })
})
