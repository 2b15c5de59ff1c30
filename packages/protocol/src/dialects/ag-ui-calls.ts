import { encodePayload } from '../encode.ts'
import type { Origin } from '../event.ts'
import type { Tool } from '../run-state.ts'
import type { AgUiEvent } from './ag-ui-event.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

interface Call {
  readonly id: string
  readonly subagentRunId: string | undefined
  /** Where it belongs, as the client was told. */
  readonly origin: Origin
  tool: Tool
  sentChars: number
  isOpen: boolean
  /** The arguments are complete: what else comes of them repeats them. */
  isWhole: boolean
  hasResult: boolean
}

export interface AgUiCalls {
  /**
   * Brings the client to what the fold says of the calls. `delta` is what their arguments have just grown by: to cut it
   * out of them again would cost as much as they are long.
   */
  sync(tools: readonly Tool[], delta?: string): void
  /** The run has ended: every call is closed, and has a result unless the caller executes it. */
  finish(tools: readonly Tool[]): void
  /** These are left: the others are closed. */
  rollback(tools: readonly Tool[]): void
  /** The id on the wire of the call that has this one, the last such. */
  idOf(toolUseId: string): string | undefined
  /** Calls that the caller executes. */
  pending(): string[]
}

export interface AgUiCallsOptions {
  write(event: AgUiEvent): void
  /** A call begins: gives the sub-agent that it belongs to. */
  begin(tool: Tool): string | undefined
  /** A call has its result. */
  ended(tool: Tool): void
  unique(id: string): string
}

const NEVER_ENDED = 'The run ended before this tool did'

export function createAgUiCalls({ write, begin, ended, unique }: AgUiCallsOptions): AgUiCalls {
  let calls: (Call | undefined)[] = []
  let known: readonly Tool[] = []

  function start(index: number, tool: Tool): Call {
    const subagentRunId = begin(tool)
    const { branchId, parentToolUseId } = tool
    const branch = branchId === undefined ? {} : { branchId }
    const call = {
      id: unique(tool.id || 'tool'),
      subagentRunId,
      origin: parentToolUseId === undefined ? branch : { parentToolUseId },
      tool,
      sentChars: 0,
      isOpen: false,
      isWhole: false,
      hasResult: false,
    }
    calls[index] = call
    open(call)
    return call
  }

  /** Also a call that was closed: its arguments go on. */
  function open(call: Call): void {
    if (call.isOpen) return
    call.isOpen = true
    const { id, tool, subagentRunId } = call
    const owner = subagentRunId === undefined ? {} : { subagentRunId }
    write({ type: 'TOOL_CALL_START', toolCallId: id, toolCallName: tool.name || 'tool', ...owner })
  }

  function close(call: Call): void {
    if (call.isOpen) write({ type: 'TOOL_CALL_END', toolCallId: call.id })
    call.isOpen = false
  }

  function give(call: Call, delta: string): void {
    if (delta === '') return
    open(call)
    call.sentChars += delta.length
    write({ type: 'TOOL_CALL_ARGS', toolCallId: call.id, delta })
  }

  /** Arguments only ever grow: where the whole ones do not go on with what was told, their fragments must. */
  function giveArguments(call: Call, delta = ''): void {
    const { input, inputText } = call.tool
    if (call.isWhole) return
    if (input === undefined) {
      const lacking = inputText.length - call.sentChars
      give(call, lacking === delta.length ? delta : inputText.slice(call.sentChars))
      return
    }
    const whole = JSON.stringify(input)
    const goesOn = whole.startsWith(inputText.slice(0, call.sentChars))
    give(call, (goesOn ? whole : inputText).slice(call.sentChars))
    call.isWhole = goesOn || parseJson(inputText) !== undefined
    if (call.isWhole) close(call)
  }

  function giveResult(call: Call): void {
    close(call)
    call.hasResult = true
    const { status, output, outputSummary } = call.tool
    const isNeverEnded = status !== 'done' && status !== 'error'
    const isText = typeof output === 'string'
    const content = isText ? output : output === undefined ? outputSummary : JSON.stringify(output)
    const marks = {
      ...(!isText && output !== undefined && { json: true }),
      ...(output === undefined && { noOutput: true }),
      ...resultMarks(call.tool),
      ...(isNeverEnded && { status: 'incomplete' }),
    }
    write({
      type: 'TOOL_CALL_RESULT',
      messageId: unique(`${call.id}-result`),
      toolCallId: call.id,
      content: isNeverEnded ? NEVER_ENDED : content,
      role: 'tool',
      ...(call.subagentRunId !== undefined && { subagentRunId: call.subagentRunId }),
      ...metadataOf(marks, status === 'done' ? undefined : { state: 'output-error' }),
    })
    ended(call.tool)
  }

  /** AG-UI has one result a call: what comes before it is the application's own. */
  function givePreliminary({ id, origin, tool }: Call): void {
    const { name, output, outputSummary, durationMs } = tool
    const result = { toolName: name, toolUseId: id, outputSummary, durationMs, output, preliminary: true }
    const value = encodePayload({ type: 'tool_result', status: 'done', ...result, ...origin })
    write({ type: 'CUSTOM', name: 'tool_result', value, ...metadataOf({ isEvent: true }) })
  }

  function update(index: number, tool: Tool, delta: string): void {
    const isEnd = tool.status === 'done' || tool.status === 'error'
    if (!calls[index] && tool.name === '' && !isEnd) return
    const before = calls[index]?.tool
    const call = calls[index] ?? start(index, tool)
    call.tool = tool
    // Said again, it takes its later name.
    if (before && before.name !== tool.name) {
      close(call)
      open(call)
    }
    giveArguments(call, delta)
    if (isEnd) close(call)
    if (isEnd && !call.hasResult) giveResult(call)
    if (!isEnd && tool.output !== undefined && tool.output !== before?.output) givePreliminary(call)
  }

  function sync(tools: readonly Tool[], delta = ''): void {
    const last = known
    known = tools
    for (const [index, tool] of tools.entries()) if (tool !== last[index]) update(index, tool, delta)
  }

  return {
    sync,
    finish(tools) {
      sync(tools)
      for (const [index, tool] of tools.entries()) {
        const call = calls[index] ?? start(index, tool)
        call.tool = tool
        giveArguments(call)
        close(call)
        if (tool.status === 'incomplete') giveResult(call)
      }
    },
    rollback(tools) {
      const gone = new Set(calls)
      calls = tools.map(({ id, branchId }) => {
        const call = [...gone].find((other) => other?.tool.id === id && other.tool.branchId === branchId)
        gone.delete(call)
        return call
      })
      known = tools
      for (const call of gone) {
        if (!call || call.hasResult) continue
        call.tool = { ...call.tool, status: 'incomplete' }
        giveResult(call)
      }
    },
    idOf: (toolUseId) => calls.findLast((call) => call?.tool.id === toolUseId)?.id,
    pending: () => calls.flatMap((call) => (call?.tool.status === 'requested' ? [call.id] : [])),
  }
}

function resultMarks({ outputSummary, durationMs }: Tool): JsonObject {
  return { ...(outputSummary !== '' && { outputSummary }), ...(durationMs !== 0 && { durationMs }) }
}

/** `agent-stream` has what AG-UI has no field for, `tanstack` what TanStack AI reads there. */
export function metadataOf(marks: JsonObject, tanstack?: JsonObject): { metadata?: JsonObject } {
  const metadata = {
    ...(Object.keys(marks).length > 0 && { 'agent-stream': marks }),
    ...(tanstack && { tanstack }),
  }
  return Object.keys(metadata).length > 0 ? { metadata } : {}
}
