import type { Origin, ToolInputDeltaEvent, ToolResultEvent, ToolUseEvent } from './event.ts'
import { createList } from './list.ts'
import { laneOf, type Parts } from './parts.ts'
import { EMPTY_RUN_STATE, type Tool } from './run-state.ts'
import type { Turns } from './turns.ts'

type ToolEvent = ToolUseEvent | ToolInputDeltaEvent | ToolResultEvent

interface Entry {
  readonly tool: { -readonly [K in keyof Tool]: Tool[K] }
  /** Where it stands; `undefined` while it is not shown. */
  place: { readonly toolIndex: number; readonly partIndex: number } | undefined
  /** Its `tool_use` has come (its result may come first). */
  isUsed: boolean
  /** The turn in which it became complete: used and ended. */
  completeTurn: number | undefined
  /** What a later turn said under the same id: duplicates on the wire, or the beginning of a second call. */
  again: Entry | undefined
  /** Of what was said again: its arguments are not those of the first call. */
  isOtherText: boolean
}

/**
 * The tools of a run, whatever order their events come in: a result before its call, arguments before the
 * start, repetitions. A tool that has ended never runs again.
 */
export interface Tools {
  add(event: ToolEvent): void
  snapshot(): readonly Tool[]
  /** Names of the running tools: the same list while they are the same. */
  active(): readonly string[]
}

export function createTools(parts: Parts, turns: Turns): Tools {
  const list = createList(EMPTY_RUN_STATE.tools, turns)
  /** By branch and id, the latest call under them. */
  const byId = new Map<string, Entry | undefined>()
  /** By name, calls without an id that lack their result or (all of them) their call. */
  const withoutId = new Map<string, Entry[]>()
  /** Where calls were taken back, by id, or the list of those without: only another call begins a tool there. */
  const takenBack = new Set<unknown>()
  const running = new Set<Entry>()
  const dirty = new Set<Entry>()
  let { activeTools } = EMPTY_RUN_STATE
  let isActiveDirty = false

  function show(entry: Entry, origin: Origin): Entry {
    const { tool } = entry
    const toolIndex = list.push(tool)
    tool.id ||= `${tool.name}#${toolIndex + 1}`
    entry.place = { toolIndex, partIndex: parts.add({ type: 'tool', tool }, origin) }
    if (tool.status === 'running') running.add(entry)
    isActiveDirty = true
    dirty.add(entry)
    return entry
  }

  function hide(entry: Entry): void {
    entry.place = undefined
    running.delete(entry)
    isActiveDirty = true
  }

  /** `entry` is what is said under an id from now on, or is put by until it is shown; taken back, `before` is. */
  function begin(key: string, entry: Entry, before: Entry | undefined): Entry {
    if (entry.place) byId.set(key, entry)
    turns.onUndo(() => {
      hide(entry)
      byId.set(key, before)
      if (before) before.again = undefined
      takenBack.add(key)
    })
    return entry
  }

  function merge(entry: Entry, event: ToolEvent, turn: number): void {
    const { tool } = entry
    const { name } = tool
    dirty.add(entry)
    // The call says where it belongs; until it comes, whoever knows.
    const isCall = event.type === 'tool_use' && !entry.isUsed
    for (const key of ORIGIN) if (event[key] && (isCall || !tool[key])) tool[key] = event[key]
    if (event.type === 'tool_input_delta') {
      tool.inputText += event.delta
    } else if (event.type === 'tool_use') {
      if (isCall) tool.name = event.toolName || name
      tool.inputSummary ||= event.inputSummary
      if (tool.input === undefined && event.input !== undefined) tool.input = event.input
      entry.isUsed = true
    } else if (tool.status === 'running') {
      const { outputSummary, durationMs, output, preliminary, status } = event
      tool.outputSummary = outputSummary
      tool.durationMs = durationMs
      // The final result replaces what preliminary ones said, so that it is all the same which came first.
      if (output !== undefined) tool.output = output
      else if (!preliminary) delete tool.output
      if (!preliminary) {
        tool.status = status
        running.delete(entry)
        isActiveDirty = true
      }
    }
    if ('toolName' in event) tool.name ||= event.toolName
    isActiveDirty ||= name !== tool.name
    if (entry.isUsed && tool.status !== 'running') entry.completeTurn ??= turn
  }

  /** The call that an event without an id belongs to: the first of its name that lacks it, or a new one. */
  function entryWithoutId(event: ToolUseEvent | ToolResultEvent): Entry | undefined {
    const isResult = event.type === 'tool_result'
    const key = laneOf(event) + event.toolName
    const open = withoutId.get(key) ?? []
    withoutId.set(key, open)
    const [first] = open
    if (first?.isUsed === isResult) {
      if (!isResult || !event.preliminary) open.shift()
      return first
    }
    if (isResult) {
      for (const entry of running) if (laneOf(entry.tool) + entry.tool.name === key) return entry
    }
    if (isLate(open, event)) return undefined
    const entry = show(createEntry(event), event)
    open.push(entry)
    turns.onUndo(() => {
      hide(entry)
      const index = open.indexOf(entry)
      if (index >= 0) open.splice(index, 1)
      takenBack.add(open)
    })
    return entry
  }

  /** What comes of a call that was taken back, until there is another. */
  function isLate(where: unknown, { type }: ToolEvent): boolean {
    if (type === 'tool_use') takenBack.delete(where)
    return takenBack.has(where)
  }

  return {
    add(event) {
      const turn = turns.number()
      if (event.toolUseId === '' && event.type !== 'tool_input_delta') {
        const entry = entryWithoutId(event)
        if (entry) merge(entry, event, turn)
        return
      }
      const key = event.branchId ? JSON.stringify([event.branchId, event.toolUseId]) : event.toolUseId
      if (isLate(key, event)) return
      const entry = byId.get(key) ?? begin(key, show(createEntry(event), event), undefined)
      if (turn <= (entry.completeTurn ?? turn)) return merge(entry, event, turn)
      // A repetition may be a duplicate: another call, another result, or a call with its result is a new tool.
      entry.again ??= begin(key, createEntry(event), entry)
      const { again, tool } = entry
      // Piece by piece, as the whole would be looked at for each.
      if (event.type === 'tool_input_delta')
        again.isOtherText ||= !tool.inputText.startsWith(event.delta, again.tool.inputText.length)
      merge(again, event, turn)
      if (isSecondCall(tool, again, event)) begin(key, show(again, event), entry)
    },
    snapshot() {
      for (const entry of dirty) {
        if (!entry.place) continue
        const tool = { ...entry.tool }
        list.set(entry.place.toolIndex, tool)
        parts.set(entry.place.partIndex, { type: 'tool', tool })
      }
      dirty.clear()
      return list.snapshot()
    },
    active() {
      if (isActiveDirty) {
        const names = Array.from(running, ({ tool }) => tool.name)
        if (!isSame(names, activeTools)) activeTools = names
      }
      isActiveDirty = false
      return activeTools
    },
  }
}

const ORIGIN = ['messageId', 'blockId', 'branchId', 'parentToolUseId'] as const

function createEntry(event: ToolEvent): Entry {
  const tool: Tool = {
    id: event.toolUseId,
    name: event.type === 'tool_input_delta' ? '' : event.toolName,
    status: 'running',
    inputText: '',
    inputSummary: '',
    outputSummary: '',
    durationMs: 0,
  }
  return {
    tool,
    place: undefined,
    isUsed: false,
    completeTurn: undefined,
    again: undefined,
    isOtherText: false,
  }
}

/** Whether what was said `again` under the id of a complete call is more than that call said. */
function isSecondCall(first: Tool, { tool, isUsed, isOtherText }: Entry, { type }: ToolEvent): boolean {
  const hasEnded = tool.status !== 'running'
  const isOther = (...keys: (keyof Tool)[]) => keys.some((key) => !isSame(first[key], tool[key]))
  if (isUsed)
    return hasEnded || isOtherText || (type === 'tool_use' && isOther('name', 'inputSummary', 'input'))
  return type === 'tool_result' && hasEnded && isOther('status', 'outputSummary', 'output')
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
