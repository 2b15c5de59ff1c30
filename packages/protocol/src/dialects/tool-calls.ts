import type { Emit } from './event-decoder.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

interface Call {
  readonly turn: number
  readonly origin: JsonObject
  name: unknown
  /** The fragments of its arguments; `undefined` once its `input` has been told. */
  text: string | undefined
  isOpen: boolean
}

/** The tool calls of a response on a wire that says a call's name and arguments only once, in pieces. */
export interface ToolCalls {
  /** A call begins, or is told again with its `input`. */
  use(id: unknown, fields: JsonObject, turn: number, origin: JsonObject): void
  /** A fragment of its arguments. */
  delta(id: unknown, delta: unknown): void
  /** Its arguments are complete: the call once more with them, if they are JSON and were not told yet. */
  complete(id: unknown): void
  result(id: unknown, fields: JsonObject, origin: JsonObject): void
  /** Forgets the calls of this turn, and of later ones. */
  rollback(turn: number): void
  /** Completes what has not been, and gives the number of calls without a result. */
  settle(): number
  /** How many calls there were. */
  count(): number
}

export function createToolCalls(emit: Emit): ToolCalls {
  const calls = new Map<unknown, Call>()
  /** Calls whose result came first. */
  const early = new Set<unknown>()
  let count = 0

  function complete(toolUseId: unknown): void {
    const call = calls.get(toolUseId)
    const input = call?.text && parseJson(call.text)
    if (!call || input === undefined || input === '') return
    call.text = undefined
    emit('tool_use', { ...call.origin, toolName: call.name, toolUseId, input })
  }

  return {
    use(toolUseId, fields, turn, origin) {
      let call = calls.get(toolUseId)
      if (!call || (!call.isOpen && call.turn !== turn)) {
        call = { turn, origin, name: undefined, text: '', isOpen: !early.delete(toolUseId) }
        calls.set(toolUseId, call)
        count++
      }
      call.name ??= fields.toolName
      if (fields.input !== undefined) call.text = undefined
      emit('tool_use', { ...call.origin, ...fields, toolUseId })
    },
    delta(toolUseId, delta) {
      const call = calls.get(toolUseId)
      if (call?.text !== undefined && typeof delta === 'string') call.text += delta
      emit('tool_input_delta', { ...call?.origin, toolUseId, delta })
    },
    complete,
    result(toolUseId, fields, origin) {
      const call = calls.get(toolUseId)
      complete(toolUseId)
      if (!call) early.add(toolUseId)
      else if (fields.preliminary !== true) call.isOpen = false
      emit('tool_result', { ...(call?.origin ?? origin), toolName: call?.name, ...fields, toolUseId })
    },
    rollback(turn) {
      for (const [id, call] of calls) if (call.turn >= turn) calls.delete(id)
    },
    settle() {
      const open = [...calls].filter(([, { isOpen }]) => isOpen)
      for (const [id] of open) complete(id)
      return open.length
    },
    count: () => count,
  }
}
