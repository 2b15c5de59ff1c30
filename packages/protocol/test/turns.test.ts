import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AgentEvent, createFold, EMPTY_RUN_STATE, fold, type RunState } from '../src/index.ts'

/** What is done next: an event; `turn` and `rollback` with numbers that fit, `tool` under an id of now or before. */
type Step =
  | { readonly do: 'event'; readonly event: AgentEvent }
  | { readonly do: 'turn' }
  | { readonly do: 'rollback'; readonly back: number }
  | {
      readonly do: 'tool'
      readonly kind: 'tool_use' | 'tool_input_delta' | 'tool_result'
      readonly age: number
    }

const anyText = fc
  .tuple(
    fc.constantFrom('token' as const, 'thinking' as const),
    fc.constantFrom('a', 'bc', ''),
    fc.constantFrom({}, { branchId: 'x' }, { blockId: 'b' }, { messageId: 'm' }),
  )
  .map(([type, text, origin]): AgentEvent => ({ type, text, ...origin }))

const anyEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  anyText,
  anyText,
  fc.constantFrom<AgentEvent>(
    { type: 'custom', name: 'c' },
    { type: 'source_added', sourceId: 's' },
    { type: 'creation', creationType: 'x', count: 1, toolUseId: '', items: [] },
    { type: 'step_started', stepId: 'p' },
  ),
)

const anySteps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('event' as const), event: anyEvent }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('tool' as const),
        kind: fc.constantFrom('tool_use' as const, 'tool_input_delta' as const, 'tool_result' as const),
        age: fc.constantFrom(0, 0, 1, 2),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'turn' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), back: fc.nat(2) }) },
  ),
  { maxLength: 40 },
)

function toolEvent(kind: 'tool_use' | 'tool_input_delta' | 'tool_result', toolUseId: string): AgentEvent {
  if (kind === 'tool_input_delta') return { type: kind, toolUseId, delta: 'd' }
  return kind === 'tool_use'
    ? { type: kind, toolName: 't', toolUseId, inputSummary: '', status: 'running' }
    : { type: kind, toolName: 't', toolUseId, outputSummary: '', durationMs: 0, status: 'done' }
}

/** The events of these steps, and those of them that no rollback takes back: another way to say what one does. */
function told(steps: readonly Step[]): { readonly sent: AgentEvent[]; readonly standing: AgentEvent[] } {
  const sent: AgentEvent[] = []
  let turns: { readonly number: number; readonly events: AgentEvent[] }[] = [{ number: 0, events: [] }]
  const gone = new Set<string>()
  let number = 0
  let epoch = 0
  const top = () => turns.at(-1)?.events as AgentEvent[]
  const idOf = (event: AgentEvent) =>
    (event.type.startsWith('tool_') && 'toolUseId' in event ? event.toolUseId : '') ?? ''

  for (const step of steps) {
    if (step.do === 'rollback') {
      // What a rollback before the first turn does is said by a vector.
      if (number === 0) continue
      const to = Math.max(1, number - step.back)
      sent.push({ type: 'rollback', to })
      epoch++
      const back = turns.filter((turn) => turn.number >= to).flatMap(({ events }) => events)
      turns = turns.filter((turn) => turn.number < to)
      const known = new Set(turns.flatMap(({ events }) => events.map(idOf)))
      const stays = (event: AgentEvent) =>
        event.type === 'step_started' || (idOf(event) !== '' && known.has(idOf(event)))
      for (const event of back) if (!stays(event)) gone.add(idOf(event))
      top().push(...back.filter(stays))
      turns.push({ number: to, events: [] })
      number = to
      continue
    }
    if (step.do === 'turn') {
      const isAgain = turns.at(-1)?.events.length === 0 && number > 0
      if (!isAgain) turns.push({ number: ++number, events: [] })
      epoch++
    }
    const event: AgentEvent =
      step.do === 'event'
        ? step.event
        : step.do === 'turn'
          ? { type: 'turn', turnNumber: number, totalTools: epoch }
          : // A call or arguments of a complete tool in a later turn would be the beginning of another one.
            toolEvent(step.kind, `t${Math.max(0, epoch - (step.kind === 'tool_result' ? step.age : 0))}`)
    sent.push(event)
    if (event.type === 'tool_use') gone.delete(event.toolUseId)
    if (!gone.has(idOf(event)) || idOf(event) === '') top().push(event)
  }
  return { sent, standing: turns.flatMap(({ events }) => events) }
}

/** Without what counts also what was taken back. */
function shown({ eventCount: _, lastEventType: _last, ...state }: RunState): object {
  return state
}

describe('a rollback', () => {
  it('leaves what would be there without the events that it takes back', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { sent, standing } = told(steps)
        expect(shown(fold(sent))).toEqual(shown(fold(standing)))
      }),
      { numRuns: 1000 },
    )
  })

  it('is the same however often the state is read on the way, and changes no state that was handed out', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { sent } = told(steps)
        const run = createFold()
        const taken: [RunState, string][] = []
        for (const event of sent) {
          run.apply(event)
          taken.push([run.snapshot(), JSON.stringify(run.snapshot())])
        }
        expect(run.snapshot()).toEqual(fold(sent))
        for (const [state, json] of taken) expect(JSON.stringify(state)).toBe(json)
      }),
      { numRuns: 1000 },
    )
  })

  it('of everything leaves nothing', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { sent } = told(
          steps.filter((step) => step.do !== 'event' || step.event.type !== 'step_started'),
        )
        expect(shown(fold([...sent, { type: 'rollback', to: -1 }]))).toEqual(shown(EMPTY_RUN_STATE))
      }),
    )
  })

  it('costs no more for a long text than for a short one, and for many turns than for few', () => {
    const timeMs = (turns: number) => {
      const run = createFold()
      run.apply({ type: 'token', text: 'x'.repeat(1000) })
      const startMs = performance.now()
      for (let number = 1; number <= turns; number++) {
        run.apply({ type: 'turn', turnNumber: number, totalTools: 0 })
        for (let i = 0; i < 10; i++) run.apply({ type: 'token', text: 'y' })
        run.apply({ type: 'rollback', to: number })
      }
      expect(run.snapshot().text.length).toBe(1000)
      return performance.now() - startMs
    }
    timeMs(2000)
    const [few, many] = [timeMs(10_000), timeMs(20_000)] as const
    expect(many / few).toBeLessThan(4)
  })
})
