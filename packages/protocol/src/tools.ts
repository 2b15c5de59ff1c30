import type { Origin, ToolInputDeltaEvent, ToolResultEvent, ToolUseEvent } from './event.ts'
import { List } from './list.ts'
import { laneKey, originOf, type Parts } from './parts.ts'
import { EMPTY_RUN_STATE, type Tool, type ToolStatus } from './run-state.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Entry {
  readonly index: number
  readonly partIndex: number
  readonly tool: Mutable<Tool>
  /** Its `tool_use` has come (its result may come first). */
  isUsed: boolean
  isDirty: boolean
  /** The turn in which it became complete: used and ended. */
  completeTurn: number | undefined
  /** What a later turn repeated: duplicates on the wire, or the beginning of a second call. */
  again: { use?: ToolUseEvent; result?: ToolResultEvent; inputText: string } | undefined
}

/**
 * The tools of a run, whatever order their events come in: a result before its call, arguments before the
 * start, repetitions. A tool that has ended never runs again.
 */
export class Tools {
  readonly #parts: Parts
  readonly #list = new List<Tool>(EMPTY_RUN_STATE.tools)
  readonly #latest = new Map<string, Entry>()
  readonly #withoutId = new Map<string, Entry[]>()
  readonly #running = new Set<Entry>()
  readonly #dirty: Entry[] = []
  #active = EMPTY_RUN_STATE.activeTools
  #isActiveDirty = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get runningCount(): number {
    return this.#running.size
  }

  use(event: ToolUseEvent, turn: number): void {
    if (event.toolUseId === '') {
      const open = this.#openByName(event)
      const claimed = open[0]?.isUsed === false ? open.shift() : undefined
      this.#mergeUse(claimed ?? this.#beginByName(event), event, turn)
      return
    }
    const entry = this.#entry(event)
    if (isReuse(entry, turn)) this.#repeat(entry, event, turn)
    else this.#mergeUse(entry, event, turn)
  }

  inputDelta(event: ToolInputDeltaEvent, turn: number): void {
    const entry = this.#entry(event)
    if (isReuse(entry, turn)) {
      this.#repeat(entry, event, turn)
      return
    }
    entry.tool.inputText += event.delta
    this.#touch(entry)
  }

  result(event: ToolResultEvent, turn: number): void {
    if (event.toolUseId === '') {
      this.#mergeResult(this.#awaitingResult(event), event, turn)
      return
    }
    const entry = this.#entry(event)
    if (isReuse(entry, turn)) this.#repeat(entry, event, turn)
    else this.#mergeResult(entry, event, turn)
  }

  /** Ends whatever runs. */
  close(status: ToolStatus): void {
    for (const entry of this.#running) this.#setStatus(entry, status)
  }

  snapshot(): readonly Tool[] {
    for (const entry of this.#dirty) {
      const tool = { ...entry.tool }
      this.#list.set(entry.index, tool)
      this.#parts.replace(entry.partIndex, { type: 'tool', tool })
      entry.isDirty = false
    }
    this.#dirty.length = 0
    return this.#list.snapshot()
  }

  activeNames(): readonly string[] {
    if (this.#isActiveDirty) {
      const names = Array.from(this.#running, ({ tool }) => tool.name)
      const isSame =
        names.length === this.#active.length && names.every((name, i) => name === this.#active[i])
      if (!isSame) this.#active = names
    }
    this.#isActiveDirty = false
    return this.#active
  }

  #entry(event: ToolEvent): Entry {
    return this.#latest.get(toolKey(event, event.toolUseId)) ?? this.#begin(event)
  }

  #begin(event: ToolEvent): Entry {
    const name = 'toolName' in event ? event.toolName : ''
    const tool: Tool = {
      id: event.toolUseId || `${name}#${this.#list.length + 1}`,
      name,
      status: 'running',
      inputText: '',
      inputSummary: '',
      outputSummary: '',
      durationMs: 0,
      ...originOf(event),
    }
    const entry: Entry = {
      index: this.#list.push(tool),
      partIndex: this.#parts.add({ type: 'tool', tool }, event),
      tool,
      isUsed: false,
      isDirty: false,
      completeTurn: undefined,
      again: undefined,
    }
    this.#latest.set(toolKey(event, tool.id), entry)
    this.#running.add(entry)
    this.#touch(entry)
    return entry
  }

  /**
   * Takes an event of a later turn under an id whose call is complete. One that says the same may be a
   * duplicate on the wire; another call, another result, or a call together with its result is a new tool.
   */
  #repeat(entry: Entry, event: ToolEvent, turn: number): void {
    const { tool } = entry
    entry.again ??= { inputText: '' }
    const { again } = entry
    if (event.type === 'tool_use') again.use = event
    else if (event.type === 'tool_result') again.result = event
    else again.inputText += event.delta
    const { use, result, inputText } = again
    const isSecond = use
      ? result || !isSameCall(tool, use) || !tool.inputText.startsWith(inputText)
      : result && !isSameResult(tool, result)
    if (!isSecond) return
    const second = this.#begin(event)
    second.tool.inputText = inputText
    if (use) this.#mergeUse(second, use, turn)
    if (result) this.#mergeResult(second, result, turn)
  }

  #mergeUse(entry: Entry, event: ToolUseEvent, turn: number): void {
    const { tool } = entry
    if (!entry.isUsed) tool.name = event.toolName || tool.name
    tool.inputSummary ||= event.inputSummary
    if (tool.input === undefined && event.input !== undefined) tool.input = event.input
    entry.isUsed = true
    this.#complete(entry, turn)
    this.#touch(entry)
  }

  #mergeResult(entry: Entry, event: ToolResultEvent, turn: number): void {
    const { tool } = entry
    if (tool.status !== 'running') return
    tool.name ||= event.toolName
    tool.outputSummary = event.outputSummary
    tool.durationMs = event.durationMs
    // The final result replaces what preliminary ones said, so that it is all the same which came first.
    if (event.output !== undefined) tool.output = event.output
    else if (!event.preliminary) delete tool.output
    if (event.preliminary) this.#touch(entry)
    else this.#setStatus(entry, event.status)
    this.#complete(entry, turn)
  }

  #complete(entry: Entry, turn: number): void {
    if (entry.isUsed && entry.tool.status !== 'running') entry.completeTurn ??= turn
  }

  #setStatus(entry: Entry, status: ToolStatus): void {
    entry.tool.status = status
    this.#running.delete(entry)
    this.#touch(entry)
  }

  #touch(entry: Entry): void {
    this.#isActiveDirty = true
    if (!entry.isDirty) this.#dirty.push(entry)
    entry.isDirty = true
  }

  /** The call without an id that a result without one belongs to: the first of its name still open. */
  #awaitingResult(event: ToolResultEvent): Entry {
    const open = this.#openByName(event)
    if (open[0]?.isUsed) return (event.preliminary ? open[0] : open.shift()) as Entry
    for (const entry of this.#running) {
      if (entry.tool.name === event.toolName && laneKey(entry.tool) === laneKey(event)) return entry
    }
    return this.#beginByName(event)
  }

  #beginByName(event: ToolUseEvent | ToolResultEvent): Entry {
    const entry = this.#begin(event)
    this.#openByName(event).push(entry)
    return entry
  }

  /** Calls without an id, of one name and branch, that lack their result or (all of them) their call. */
  #openByName(event: ToolUseEvent | ToolResultEvent): Entry[] {
    const key = toolKey(event, event.toolName)
    const open = this.#withoutId.get(key) ?? []
    this.#withoutId.set(key, open)
    return open
  }
}

type ToolEvent = ToolUseEvent | ToolResultEvent | ToolInputDeltaEvent

function toolKey(origin: Origin, id: string): string {
  const lane = laneKey(origin)
  return lane === '' ? id : `${lane} ${id}`
}

/** Whether an event of this turn belongs to a further call under an id whose call is complete. */
function isReuse(entry: Entry, turn: number): boolean {
  return entry.completeTurn !== undefined && turn > entry.completeTurn
}

function isSameCall(tool: Tool, event: ToolUseEvent): boolean {
  return (
    tool.name === event.toolName &&
    tool.inputSummary === event.inputSummary &&
    JSON.stringify(tool.input) === JSON.stringify(event.input)
  )
}

function isSameResult(tool: Tool, event: ToolResultEvent): boolean | undefined {
  return (
    event.preliminary ||
    (tool.status === event.status &&
      tool.outputSummary === event.outputSummary &&
      JSON.stringify(tool.output) === JSON.stringify(event.output))
  )
}
