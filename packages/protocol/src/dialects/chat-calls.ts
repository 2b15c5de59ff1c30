import type { Origin } from '../event.ts'
import { isRecord } from '../shape.ts'
import type { Emit, EmitCustom } from './event-decoder.ts'
import { firstText, objectOf, textOf } from './fields.ts'
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

/** Why an answer ends that its tools are not to be called for. */
export const CUT_OFF = /length|filter|max_tokens|error/i

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

  function say(call: Call, delta: string): void {
    const { origin, toolUseId } = call
    call.text += delta
    if (delta && toolUseId) emit('tool_input_delta', { ...origin, toolUseId, delta })
  }

  function give(call: Call): void {
    if (call.toolUseId) return
    const { origin, name, text, extra } = call
    const id = call.id ?? `call-${call.place}`
    const toolUseId = toolUseIds.has(id) ? `${id}#${toolUseIds.size}` : id
    toolUseIds.add(toolUseId)
    emit('tool_use', { ...origin, toolUseId, toolName: name })
    call.toolUseId = toolUseId
    call.text = ''
    say(call, text)
    if (extra) custom('extra_content', { tool_call_id: toolUseId, extra_content: extra }, origin)
  }

  return {
    hasAny: () => calls.length > 0,
    add(piece, origin) {
      const { index, custom: plain, extra_content } = piece
      const id = firstText(piece.id)
      const given = objectOf(piece.function ?? plain)
      const name = firstText(given.name)
      const input = given.arguments ?? given.input
      const isObject = isRecord(input)
      const text = textOf(input)
      const hasInput = isObject || text !== ''
      const known = callOf(index, id, name, hasInput)
      if (!known && !id && !name && !hasInput) return
      const call = known ?? create(index, origin)
      if (id) {
        call.id ??= id
        byId.set(call.id, call)
      }
      if (name) call.name = name.startsWith(call.name) ? name : call.name + name
      call.isText ||= plain !== undefined
      call.extra ??= extra_content
      if (isObject) call.input = input
      if (!call.text) call.isWhole = isObject || (text.endsWith('}') && parseJson(text) !== undefined)
      say(call, call.isText && text ? (call.text ? '' : '"') + JSON.stringify(text).slice(1, -1) : text)
      if (call.id && hasInput) give(call)
    },
    flush() {
      for (const call of calls) give(call)
    },
    settle(finishReason) {
      const isCut = CUT_OFF.test(finishReason)
      for (const call of calls) {
        give(call)
        const { origin, toolUseId, name, isText, isSettled } = call
        if (isSettled || (isCut && (isText || !call.text))) continue
        if (isText) say(call, call.text ? '"' : '""')
        const input = call.input ?? parseJson(call.text || '{}')
        if (input === undefined) continue
        call.isSettled = true
        emit('tool_use', { ...origin, toolUseId, toolName: name, input })
      }
    },
  }
}
