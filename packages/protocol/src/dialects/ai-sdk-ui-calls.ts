import { laneOf } from '../parts.ts'
import type { RunState, Tool } from '../run-state.ts'
import type { AiSdkUiChunk, ToolMetadata } from './ai-sdk-ui-chunk.ts'
import { createBlockIds } from './block-ids.ts'
import { parseJson } from './json-messages.ts'

/** One call as far as the client knows it. */
interface Call {
  readonly id: string
  tool: Tool
  /** The step it began in: in a later one the client would take more of its input for another call. */
  step: number
  sentChars: number
  hasInput: boolean
  hasOutput: boolean
  /** The approval that was asked for it, and not answered. */
  approvalId: string | undefined
}

export interface AiSdkUiCalls {
  /**
   * Brings the client to what the fold says of the calls. `delta` is what their arguments have just grown by: to cut it
   * out of them again would cost as much as they are long.
   */
  sync(tools: readonly Tool[], delta?: string): void
  /** The run has ended: every call gets its input, and an end unless the caller executes it. */
  finish(tools: readonly Tool[]): void
  /** Asks for an approval as soon as its call is known; one that has ended needs none. */
  ask(input: RunState['pendingInputs'][number]): void
  /** Answers it; false if it was not asked here. */
  answer(inputId: string, approved: boolean, reason: string | undefined): boolean
  /** Approvals of calls that never came. */
  unasked(): RunState['pendingInputs']
  /** Whether a step may end: no call's input is under way. What came late for its calls is told first. */
  leaveStep(): boolean
  /** A tool has given its result in the open step, and no call there may still be told what its input is. */
  hasResults(): boolean
  /** The calls of this step are taken back; the rest is what the fold has left. */
  rollback(step: number, tools: readonly Tool[]): void
}

export interface CallsOptions {
  readonly isDynamic: boolean
  write(chunk: AiSdkUiChunk): void
  /** A part begins in this lane: gives the number of the step it is in. */
  begin(lane: string): number
  step(): number
}

const NEVER_ENDED = 'The run ended before this tool did'

export function createAiSdkUiCalls({ isDynamic, write, begin, step }: CallsOptions): AiSdkUiCalls {
  const ids = createBlockIds()
  let calls: (Call | undefined)[] = []
  let known: readonly Tool[] = []
  const asked = new Map<string, RunState['pendingInputs'][number]>()
  const denied = new Set<string>()
  let lastResultStep = -1

  function describe(call: Call): { toolName: string; dynamic?: boolean; toolMetadata?: ToolMetadata } {
    const { tool } = call
    const metadata = metadataOf(tool)
    return {
      toolName: tool.name || 'tool',
      ...(isDynamic && { dynamic: true }),
      ...(metadata && { toolMetadata: metadata }),
    }
  }

  function start(index: number, tool: Tool): Call {
    const call: Call = {
      id: ids.open(tool.id),
      tool,
      step: begin(laneOf(tool)),
      sentChars: 0,
      hasInput: false,
      hasOutput: false,
      approvalId: undefined,
    }
    calls[index] = call
    write({ type: 'tool-input-start', toolCallId: call.id, ...describe(call) })
    return call
  }

  function giveDelta(call: Call, delta = ''): void {
    const { inputText } = call.tool
    const lacking = inputText.length - call.sentChars
    const inputTextDelta = lacking === delta.length ? delta : inputText.slice(call.sentChars)
    call.sentChars = inputText.length
    if (inputTextDelta) write({ type: 'tool-input-delta', toolCallId: call.id, inputTextDelta })
  }

  function giveInput(call: Call): void {
    const { input, inputText } = call.tool
    if (!call.hasInput || input === undefined) giveDelta(call)
    call.hasInput = true
    const whole = input === undefined ? (parseJson(inputText) ?? (inputText || {})) : input
    write({ type: 'tool-input-available', toolCallId: call.id, ...describe(call), input: whole })
    if (call.approvalId !== undefined) request(call, call.approvalId)
  }

  function giveOutput(call: Call): void {
    const { id, tool } = call
    if (!call.hasInput) giveInput(call)
    const { status, output, outputSummary } = tool
    const metadata = metadataOf(tool, true)
    const more = metadata && { toolMetadata: metadata }
    if (status === 'running') {
      // None yet, where the call stands in the place of one whose turn was taken back.
      if (output === undefined) return
      write({ type: 'tool-output-available', toolCallId: id, output, preliminary: true, ...more })
      return
    }
    call.hasOutput = true
    call.approvalId = undefined
    lastResultStep = step()
    if (status === 'done') {
      const whole = output === undefined ? outputSummary || null : output
      write({ type: 'tool-output-available', toolCallId: id, output: whole, ...more })
    } else if (denied.has(id) && output === undefined) {
      write({ type: 'tool-output-denied', toolCallId: id })
    } else {
      const text = typeof output === 'string' ? output : JSON.stringify(output)
      const said = text ?? (outputSummary || 'The tool failed')
      const errorText = status === 'error' ? said : NEVER_ENDED
      write({ type: 'tool-output-error', toolCallId: id, errorText, ...more })
    }
  }

  /** What changed of one call. */
  function update(index: number, tool: Tool, delta: string): void {
    const call = calls[index]
    if (!call && tool.name === '' && tool.status === 'running') return
    const before = call?.tool
    const now = call ?? start(index, tool)
    now.tool = tool
    if (now.step !== step() && !canFollow(now, before)) return
    if (!now.hasInput) giveDelta(now, delta)
    const isNewInput = tool.input !== undefined && (!now.hasInput || before?.input === undefined)
    // A call that is only summed up has no input to wait for.
    const isSummary = !now.hasInput && tool.inputText === '' && tool.inputSummary !== ''
    const isEnd = (tool.status === 'done' || tool.status === 'error') && !now.hasOutput
    // Its name is told with its input, in the step that it began in.
    const isRenamed = now.hasInput && now.step === step() && before?.name !== tool.name
    const isCorrected = now.hasOutput && (isNewInput || isRenamed)
    if (isNewInput || isSummary || isRenamed) giveInput(now)
    place(now)
    const isPreliminary = tool.status === 'running' && tool.output !== undefined
    const isNewOutput = isPreliminary && (isNewInput || isRenamed || tool.output !== before?.output)
    if (isEnd || isCorrected || isNewOutput) giveOutput(now)
  }

  /** Only an output may follow in a later step. */
  function canFollow(call: Call, before: Tool | undefined): boolean {
    const { tool } = call
    return call.hasInput && !call.hasOutput && (before?.input !== undefined || tool.input === before?.input)
  }

  function request(call: Call, approvalId: string): void {
    const message = asked.get(approvalId)?.message
    write({
      type: 'tool-approval-request',
      approvalId,
      toolCallId: call.id,
      ...(message && { reason: message }),
    })
  }

  /** Asks what has waited for this call. */
  function place(call: Call): void {
    if (call.hasOutput || call.tool.status !== 'running' || call.approvalId !== undefined) return
    for (const [approvalId, input] of asked) {
      if (input.toolUseId !== call.tool.id || isPlaced(approvalId)) continue
      if (!call.hasInput) giveInput(call)
      call.approvalId = approvalId
      request(call, approvalId)
      return
    }
  }

  function isPlaced(approvalId: string): boolean {
    return calls.some((call) => call?.approvalId === approvalId)
  }

  function sync(tools: readonly Tool[], delta = ''): void {
    if (tools === known) return
    const last = known
    known = tools
    for (const [index, tool] of tools.entries()) if (tool !== last[index]) update(index, tool, delta)
  }

  /** Arguments that went on after they had to be told. */
  function settle(): void {
    for (const call of calls) {
      if (!call?.hasInput || call.step !== step() || call.tool.input !== undefined) continue
      if (call.sentChars >= call.tool.inputText.length) continue
      giveInput(call)
      if (call.hasOutput || call.tool.output !== undefined) giveOutput(call)
    }
  }

  return {
    sync,
    finish(tools) {
      sync(tools)
      settle()
      for (const [index, tool] of tools.entries()) {
        const call = calls[index] ?? start(index, tool)
        call.tool = tool
        // Said again, its input takes back what a preliminary result made of it.
        const isAsked = tool.status === 'requested' && tool.output !== undefined && call.step === step()
        if (!call.hasInput || isAsked) giveInput(call)
        place(call)
        if (tool.status !== 'requested' && !call.hasOutput) giveOutput(call)
      }
    },
    ask(input) {
      asked.set(input.inputId, input)
      for (const call of calls) if (call) place(call)
    },
    answer(inputId, approved, reason) {
      asked.delete(inputId)
      const call = calls.find((other) => other?.approvalId === inputId)
      if (!call) return false
      call.approvalId = undefined
      if (!approved) denied.add(call.id)
      const why = reason === undefined ? {} : { reason }
      write({ type: 'tool-approval-response', approvalId: inputId, approved, ...why })
      place(call)
      return true
    },
    unasked: () => [...asked.values()].filter(({ inputId }) => !isPlaced(inputId)),
    leaveStep() {
      if (calls.some((call) => call && !call.hasInput)) return false
      settle()
      return true
    },
    hasResults: () =>
      lastResultStep === step() && calls.every((call) => !call?.hasInput || isTold(call.tool)),
    rollback(at, tools) {
      const left = new Set(calls.filter((call) => call && call.step !== at))
      calls = tools.map(({ id, branchId }) => {
        const call = [...left].find((other) => other?.tool.id === id && other.tool.branchId === branchId)
        left.delete(call)
        return call
      })
      known = tools
      lastResultStep = -1
    },
  }
}

function isTold({ input, inputSummary }: Tool): boolean {
  return input !== undefined || inputSummary !== ''
}

/** What the client's own fields have no room for. */
function metadataOf(tool: Tool, isResult = false): ToolMetadata | undefined {
  const { branchId, parentToolUseId, inputSummary, output, outputSummary, durationMs, status } = tool
  const agentStream = Object.fromEntries(
    Object.entries({
      branchId,
      parentToolUseId,
      inputSummary,
      ...(isResult && { outputSummary, durationMs }),
      ...(status === 'incomplete' && { status }),
      // An error is told as text.
      ...(isResult &&
        status === 'error' &&
        output !== undefined &&
        typeof output !== 'string' && { json: 1 }),
      ...(tool.input === undefined && { noInput: 1 }),
      ...(isResult && output === undefined && { noOutput: 1 }),
    }).filter(([, value]) => value !== undefined && value !== '' && value !== 0),
  ) as ToolMetadata['agentStream']
  return Object.keys(agentStream).length > 0 ? { agentStream } : undefined
}
