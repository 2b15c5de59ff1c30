import type { Origin, ToolInputDeltaEvent, ToolResultEvent, ToolUseEvent } from './event.ts'
import { List } from './list.ts'
import { laneOf, type Parts } from './parts.ts'
import { EMPTY_RUN_STATE, type Tool, type ToolStatus } from './run-state.ts'

export type ToolEvent = ToolUseEvent | ToolInputDeltaEvent | ToolResultEvent

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
}

/**
 * The tools of a run, whatever order their events come in: a result before its call, arguments before the
 * start, repetitions. A tool that has ended never runs again.
 */
export class Tools {
  /** Names of the running tools, as of the last snapshot: the same list while they are the same. */
  active = EMPTY_RUN_STATE.activeTools
  readonly #parts: Parts
  readonly #list = new List<Tool>(EMPTY_RUN_STATE.tools)
  /** By id, the latest call under it. */
  readonly #byId = new Map<string, Entry>()
  /** By name, calls without an id that lack their result or (all of them) their call. */
  readonly #withoutId = new Map<string, Entry[]>()
  readonly #running = new Set<Entry>()
  readonly #dirty = new Set<Entry>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get runningCount(): number {
    return this.#running.size
  }

  add(event: ToolEvent, turn: number): void {
    if (event.toolUseId === '' && event.type !== 'tool_input_delta') {
      this.#merge(this.#withoutIdFor(event), event, turn)
      return
    }
    const key = laneOf(event) + event.toolUseId
    const entry = this.#byId.get(key) ?? this.#show(createEntry(event), event)
    this.#byId.set(key, entry)
    if (entry.completeTurn === undefined || turn <= entry.completeTurn) {
      this.#merge(entry, event, turn)
      return
    }
    // A repetition may be a duplicate: another call, another result, or a call with its result is a new tool.
    entry.again ??= createEntry(event)
    this.#merge(entry.again, event, turn)
    if (isSecondCall(entry.tool, entry.again)) this.#byId.set(key, this.#show(entry.again, event))
  }

  /** Ends whatever runs. */
  close(status: ToolStatus): void {
    for (const entry of this.#running) this.#end(entry, status)
  }

  snapshot(): readonly Tool[] {
    if (this.#dirty.size > 0) {
      const names = Array.from(this.#running, ({ tool }) => tool.name)
      if (!isSame(names, this.active)) this.active = names
    }
    for (const { tool: draft, place } of this.#dirty) {
      if (!place) continue
      const tool = { ...draft }
      this.#list.set(place.toolIndex, tool)
      this.#parts.replace(place.partIndex, { type: 'tool', tool })
    }
    this.#dirty.clear()
    return this.#list.snapshot()
  }

  #show(entry: Entry, origin: Origin): Entry {
    const { tool } = entry
    tool.id ||= `${tool.name}#${this.#list.length + 1}`
    entry.place = {
      toolIndex: this.#list.push(tool),
      partIndex: this.#parts.add({ type: 'tool', tool }, origin),
    }
    if (tool.status === 'running') this.#running.add(entry)
    this.#dirty.add(entry)
    return entry
  }

  #merge(entry: Entry, event: ToolEvent, turn: number): void {
    const { tool } = entry
    this.#dirty.add(entry)
    if (event.type === 'tool_input_delta') {
      tool.inputText += event.delta
    } else if (event.type === 'tool_use') {
      if (!entry.isUsed) tool.name = event.toolName || tool.name
      tool.inputSummary ||= event.inputSummary
      if (tool.input === undefined && event.input !== undefined) tool.input = event.input
      entry.isUsed = true
    } else if (tool.status === 'running') {
      tool.name ||= event.toolName
      tool.outputSummary = event.outputSummary
      tool.durationMs = event.durationMs
      // The final result replaces what preliminary ones said, so that it is all the same which came first.
      if (event.output !== undefined) tool.output = event.output
      else if (!event.preliminary) delete tool.output
      if (!event.preliminary) this.#end(entry, event.status)
    }
    if (entry.isUsed && tool.status !== 'running') entry.completeTurn ??= turn
  }

  #end(entry: Entry, status: ToolStatus): void {
    entry.tool.status = status
    this.#running.delete(entry)
    this.#dirty.add(entry)
  }

  /** The call that an event without an id belongs to: the first of its name that lacks it, or a new one. */
  #withoutIdFor(event: ToolUseEvent | ToolResultEvent): Entry {
    const isResult = event.type === 'tool_result'
    const key = laneOf(event) + event.toolName
    const open = this.#withoutId.get(key) ?? []
    this.#withoutId.set(key, open)
    const [first] = open
    if (first?.isUsed === isResult) {
      if (!isResult || !event.preliminary) open.shift()
      return first
    }
    if (isResult) {
      for (const entry of this.#running) {
        if (entry.tool.name === event.toolName && laneOf(entry.tool) === laneOf(event)) return entry
      }
    }
    const entry = this.#show(createEntry(event), event)
    open.push(entry)
    return entry
  }
}

const ORIGIN = ['messageId', 'blockId', 'branchId', 'parentToolUseId'] as const

function createEntry(event: ToolEvent): Entry {
  const origin = ORIGIN.filter((key) => event[key] !== undefined).map((key) => [key, event[key]])
  const tool: Tool = {
    id: event.toolUseId,
    name: event.type === 'tool_input_delta' ? '' : event.toolName,
    status: 'running',
    inputText: '',
    inputSummary: '',
    outputSummary: '',
    durationMs: 0,
    ...Object.fromEntries(origin),
  }
  return { tool, place: undefined, isUsed: false, completeTurn: undefined, again: undefined }
}

/** Whether what was said `again` under the id of a complete call is more than that call said. */
function isSecondCall(first: Tool, { tool, isUsed }: Entry): boolean {
  const hasEnded = tool.status !== 'running'
  const callOf = ({ name, inputSummary, input }: Tool) => [name, inputSummary, input]
  const resultOf = ({ status, outputSummary, output }: Tool) => [status, outputSummary, output]
  if (!isUsed) return hasEnded && !isSame(resultOf(first), resultOf(tool))
  return hasEnded || !isSame(callOf(first), callOf(tool)) || !first.inputText.startsWith(tool.inputText)
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
