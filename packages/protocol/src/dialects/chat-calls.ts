import type { Origin } from '../event.ts'
import type { Emit, EmitCustom } from './event-decoder.ts'
import { firstText, objectOf } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

/** The tool calls of one choice, put together from the pieces of `delta.tool_calls`. */
export interface ChatCalls {
  hasAny(): boolean
  /** The next piece. It belongs to the call at its index, as long as nothing in it says that another begins. */
  add(piece: JsonObject, origin: Origin): void
  /** Gives out the calls that still wait for their id. */
  flush(): void
  /** The choice has ended for this reason: the arguments are complete, unless it was cut off. */
  settle(finishReason: string): void
}

const CUT_OFF = /length|filter|max_tokens|error/i

interface Call {
  readonly origin: Origin
  /** Its place among the calls, for one that never gets an id. */
  readonly place: number
  id?: string
  name: string
  /** The arguments so far, as text. */
  text: string
  /** The arguments, where the wire has them as an object. */
  input?: unknown
  /** Its first piece had all of its arguments. */
  isWhole?: boolean
  /** A custom tool's input is plain text, no JSON. */
  isText?: boolean
  extra?: unknown
  /** Under which id it was given out. */
  toolUseId?: string
  isSettled?: boolean
}

export function createChatCalls(emit: Emit, custom: EmitCustom): ChatCalls {
  const calls: Call[] = []
  const byIndex = new Map<number, Call>()
  const byId = new Map<string, Call>()
  const toolUseIds = new Set<string>()

  /** Vendors leave out indexes or ids, give every call the index 0, or every piece of a call another id. */
  function callOf(index: unknown, id: string | undefined, name: string | undefined, hasInput: boolean) {
    const known = id === undefined ? undefined : byId.get(id)
    const current = typeof index === 'number' ? byIndex.get(index) : (known ?? calls.at(-1))
    if (name === undefined) return known ?? current
    if (!current) return undefined
    const isAnother = id && current.id ? id !== current.id : current.isWhole && hasInput
    return isAnother ? undefined : current
  }

  function create(index: unknown, origin: Origin): Call {
    const call: Call = { origin, place: calls.length, name: '', text: '' }
    calls.push(call)
    if (typeof index === 'number') byIndex.set(index, call)
    return call
  }

  function give(call: Call): void {
    if (call.toolUseId !== undefined) return
    const id = call.id ?? `call-${call.place}`
    const toolUseId = toolUseIds.has(id) ? `${id}#${toolUseIds.size}` : id
    const { origin, name, text, extra } = call
    toolUseIds.add(toolUseId)
    call.toolUseId = toolUseId
    emit('tool_use', { ...origin, toolUseId, toolName: name })
    if (text) emit('tool_input_delta', { ...origin, toolUseId, delta: text })
    if (extra) custom('extra_content', { tool_call_id: toolUseId, extra_content: extra }, origin)
  }

  return {
    hasAny: () => calls.length > 0,
    add(piece, origin) {
      const { index, custom, extra_content } = piece
      const id = firstText(piece.id)
      const { name: given, arguments: json, input: plain } = objectOf(piece.function ?? custom)
      const name = firstText(given)
      const input = json ?? plain ?? undefined
      const text = firstText(input) ?? ''
      const isObject = typeof input === 'object'
      const call = callOf(index, id, name, isObject || text !== '') ?? create(index, origin)
      if (id !== undefined) {
        call.id ??= id
        byId.set(call.id, call)
      }
      if (name !== undefined) call.name = name.startsWith(call.name) ? name : call.name + name
      call.isText ||= custom !== undefined
      call.extra ??= extra_content
      if (isObject) call.input = input
      if (call.text === '') call.isWhole = isObject || (text.endsWith('}') && parseJson(text) !== undefined)
      call.text += text
      const { toolUseId } = call
      if (toolUseId !== undefined) {
        if (text) emit('tool_input_delta', { ...call.origin, toolUseId, delta: text })
      } else if (call.id !== undefined && (isObject || text)) give(call)
    },
    flush() {
      for (const call of calls) give(call)
    },
    settle(finishReason) {
      const isCut = CUT_OFF.test(finishReason)
      for (const call of calls) {
        give(call)
        const { origin, toolUseId, name, text, isText, isSettled } = call
        const whole = isText ? text : text ? parseJson(text) : {}
        const input = call.input ?? (isCut && (isText || !text) ? undefined : whole)
        if (isSettled || input === undefined) continue
        call.isSettled = true
        emit('tool_use', { ...origin, toolUseId, toolName: name, input })
      }
    },
  }
}
