import { createPartialJson, type PartialJson, type PartialJsonOptions } from './partial-json-reader.ts'
import type { Tool } from './run-state.ts'

/** What a tool is called with, as far as it has come. */
export interface ToolInput {
  /** `undefined` while there is nothing of it. */
  readonly value: unknown
  /** The value is the whole. */
  readonly isComplete: boolean
}

interface Reader {
  readonly json: PartialJson
  tool: Tool
  input: ToolInput
}

const NO_INPUT: ToolInput = { value: undefined, isComplete: false }
const TAIL_CHARS = 32

/**
 * Gives the arguments of one run's tools while they stream: ask for a tool in each new state. It gives the same object
 * until they change, and reads of `inputText` only what has come since. `input`, where the tool has it, is the whole.
 */
export function createToolInputs(options?: PartialJsonOptions): (tool: Tool) => ToolInput {
  const readers = new Map<string, Reader>()
  /** Tools do not change: what is known of one that has ended is known for good. */
  const known = new WeakMap<Tool, ToolInput>()

  return (tool) => {
    const inputOfTool = known.get(tool)
    if (inputOfTool) return inputOfTool
    const key = JSON.stringify([tool.branchId, tool.id])
    let reader = readers.get(key)
    if (!reader || !goesOn(reader.tool, tool)) {
      reader = { json: createPartialJson(options), tool: { ...tool, inputText: '' }, input: NO_INPUT }
      readers.set(key, reader)
    }
    reader.json.push(tool.inputText.slice(reader.tool.inputText.length))
    reader.tool = tool
    const isWhole = tool.input !== undefined
    const value = isWhole ? tool.input : reader.json.value()
    const isComplete = isWhole || reader.json.isComplete
    if (value !== reader.input.value || isComplete !== reader.input.isComplete)
      reader.input = { value, isComplete }
    known.set(tool, reader.input)
    return reader.input
  }
}

/** Whether `now` is `before` with more arguments, and not another tool under its id. */
function goesOn(before: Tool, now: Tool): boolean {
  const { length } = before.inputText
  const tail = before.inputText.slice(-TAIL_CHARS)
  return (
    length <= now.inputText.length &&
    (before.status === 'running' || before.status === now.status) &&
    now.inputText.slice(length - tail.length, length) === tail
  )
}
