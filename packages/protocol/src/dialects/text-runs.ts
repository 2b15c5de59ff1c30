import type {
  AgentEvent,
  CreationEvent,
  CustomEvent,
  FileEvent,
  SourceAddedEvent,
  ThinkingEvent,
  TokenEvent,
} from '../event.ts'
import { laneOf } from '../parts.ts'

/** Text of one kind that nothing else of its lane (branch and sub-agent) interrupts. */
export interface TextRun {
  readonly lane: string
  readonly first: TokenEvent | ThinkingEvent
  /** What it is called on the wire. */
  id: string
}

/** The runs of text that are open: one in a lane at most. */
export interface TextRuns {
  /** The run that the text belongs to, the one that it ends, and whether it is a new one. */
  add(event: TokenEvent | ThinkingEvent): { run: TextRun; ended: TextRun | undefined; isNew: boolean }
  /** Something else begins in this lane. */
  end(lane: string): TextRun | undefined
  endAll(): readonly TextRun[]
}

export function createTextRuns(): TextRuns {
  const open = new Map<string, TextRun>()

  function end(lane: string): TextRun | undefined {
    const run = open.get(lane)
    open.delete(lane)
    return run
  }

  return {
    add(event) {
      const lane = laneOf(event)
      const current = open.get(lane)
      if (current && isSameText(current.first, event)) return { run: current, ended: undefined, isNew: false }
      const run = { lane, first: event, id: '' }
      open.set(lane, run)
      return { run, ended: current, isNew: true }
    },
    end,
    endAll() {
      const runs = [...open.values()]
      open.clear()
      return runs
    },
  }
}

function isSameText(a: TokenEvent | ThinkingEvent, b: TokenEvent | ThinkingEvent): boolean {
  const isRefusal = (event: typeof a) => event.type === 'token' && event.refusal === true
  return (
    a.type === b.type &&
    a.messageId === b.messageId &&
    a.blockId === b.blockId &&
    isRefusal(a) === isRefusal(b)
  )
}

const PARTS: ReadonlySet<string> = new Set(['creation', 'source_added', 'file', 'custom'])

/** Whether an event is a part of its lane, so that the text before and after it is not one. Calls begin later. */
export function isPart(
  event: AgentEvent,
): event is CreationEvent | SourceAddedEvent | FileEvent | CustomEvent {
  return PARTS.has(event.type)
}
