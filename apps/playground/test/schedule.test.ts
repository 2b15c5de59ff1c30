import {
  type AgentEvent,
  createFold,
  createSseReader,
  decodeEvent,
  type RunState,
} from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'
import { loadCatalogue, type Recording } from '../server/catalogue.ts'
import { type Schedule, scheduleOf } from '../server/schedule.ts'
import { FAULTS, type Fault } from '../server/stream-request.ts'

const catalogue = loadCatalogue()
const recording = catalogue.get('repository-question') as Recording

describe('the recordings', () => {
  it('all end in done and leave no event out', () => {
    const outcomes = [...catalogue.values()].map(({ id, events }) => [
      id,
      stateOf(sent(events, 'none')).outcome,
    ])
    expect(Object.fromEntries(outcomes)).toEqual({
      'repository-question': 'complete',
      'code-execution': 'complete',
      'parallel-tools': 'complete',
      'web-searches': 'incomplete',
      'sub-agent': 'complete',
      'list-files': 'complete',
      crossing: 'complete',
      'deepseek-reasoner': 'complete',
    })
  })

  it('last between 5 and 35 seconds', () => {
    for (const { durationMs } of catalogue.values()) {
      expect(durationMs).toBeGreaterThan(5_000)
      expect(durationMs).toBeLessThan(35_000)
    }
  })
})

describe('scheduleOf', () => {
  it('keeps the recording’s pace, divided by the speed', () => {
    const { frames } = scheduleOf(recording.events, { speed: 4, fault: 'none', isRepeat: false })
    expect(frames.map(({ atMs }) => atMs)).toEqual(recording.events.map(({ atMs }) => atMs / 4))
  })

  it.each(FAULTS)('never goes back in time with %s', (fault) => {
    const times = sent(recording.events, fault).frames.map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  it('splits into single bytes that join to the same stream', () => {
    const split = sent(recording.events, 'split-bytes')
    expect(split.frames.every(({ bytes }) => bytes.length === 1)).toBe(true)
    expect(textOf(split)).toBe(textOf(sent(recording.events, 'none')))
  })

  it('drops in the middle of the answer, and only the first time', () => {
    const first = sent(recording.events, 'drop')
    expect(first.end).toBe('drop')
    expect(stateOf(first)).toMatchObject({ done: null, outcome: null })
    expect(stateOf(first).text.length).toBeGreaterThan(0)
    const repeat = scheduleOf(recording.events, { speed: 1, fault: 'drop', isRepeat: true })
    expect(repeat).toEqual(sent(recording.events, 'none'))
  })

  it('drops each time', () => {
    expect(scheduleOf(recording.events, { speed: 1, fault: 'drop-always', isRepeat: true }).end).toBe('drop')
  })

  it('closes in the middle of the answer', () => {
    const closed = sent(recording.events, 'close-without-done')
    expect(closed.end).toBe('close')
    expect(stateOf(closed)).toMatchObject({ done: null, outcome: null })
  })

  it.each(['repository-question', 'parallel-tools', 'code-execution'])(
    'sends each result of %s before its call, and ends in the same tools',
    (id) => {
      const { events } = catalogue.get(id) as Recording
      const swapped = sent(events, 'result-before-use')
      const order = eventsOf(swapped).flatMap((event) => ('toolUseId' in event ? [event.type] : []))
      expect(order[0]).toBe('tool_result')
      expect(eventsOf(swapped)).toHaveLength(events.length)
      const tools = (schedule: Schedule) =>
        stateOf(schedule).tools.map(({ name, status, inputText, outputSummary }) => ({
          name,
          status,
          inputText,
          outputSummary,
        }))
      expect(tools(swapped)).toEqual(tools(sent(events, 'none')))
    },
  )
})

function sent(events: Recording['events'], fault: Fault): Schedule {
  return scheduleOf(events, { speed: 1, fault, isRepeat: false })
}

function textOf({ frames }: Schedule): string {
  return Buffer.concat(frames.map(({ bytes }) => bytes)).toString()
}

function eventsOf(schedule: Schedule): AgentEvent[] {
  const events: AgentEvent[] = []
  const reader = createSseReader({
    onMessage(message) {
      const event = decodeEvent(message)
      if (event.type === 'warning') throw new Error(event.message)
      events.push(event)
    },
  })
  for (const { bytes } of schedule.frames) reader.feed(bytes)
  return events
}

function stateOf(schedule: Schedule): RunState {
  const fold = createFold()
  for (const event of eventsOf(schedule)) fold.apply(event)
  return fold.snapshot()
}
