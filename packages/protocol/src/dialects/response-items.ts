import type { Emit, EmitCustom } from './event-decoder.ts'
import { firstText, listOf, objectOf, textOf } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

/** The items of a response's output: messages, reasoning, tool calls. */
export interface ResponseItems {
  /** Calls whose result has not come, and that someone else is to execute. */
  readonly open: ReadonlySet<unknown>
  /** The message `response.<name>.<phase>`. False if it says nothing of an item. */
  read(name: string, phase: string, payload: JsonObject): boolean
  /** An item as it is in the end: what of it has not come yet is given out. */
  complete(given: JsonObject, index: unknown, isOfWhole: boolean): void
}

interface Item {
  /** Unknown of an item that was never announced. */
  readonly type: unknown
  readonly messageId: string
  readonly tool: { readonly toolUseId: string; readonly toolName: string } | undefined
  /** What has come of each of its texts. */
  readonly said: Map<string, string>
  /** Pieces of its arguments have come. */
  isBegun?: boolean
  /** Its annotations came one by one. */
  isCited?: boolean
}

/** The kinds of text that parts hold, as their messages name them. */
const TEXT = /^(output_text|refusal|reasoning(_summary)?_text)$/

/** Tools whose arguments are plain text: they become a JSON string. */
const PLAIN = /^(custom_tool|code_interpreter)_call$/

export function createResponseItems(emit: Emit, custom: EmitCustom): ResponseItems {
  /** By id and by index: some proxies give an item another id in every message. */
  const items = new Map<unknown, Item>()
  const open = new Set<unknown>()
  const seen = new Set<unknown>()
  const isNew = (what: unknown) => seen.size < seen.add(what).size
  /** An output that names no call is of this one. */
  let lastCall: string | undefined

  const find = (id: unknown, index: unknown) => items.get(id) ?? items.get(index)

  function start({ id, type, name, call_id, server_label }: JsonObject, index: unknown): Item {
    const messageId = firstText(id) ?? `item-${textOf(index)}`
    const toolUseId = firstText(call_id) ?? messageId
    const toolName = firstText(name) ?? textOf(type).replace(/_call$/, '')
    const tool = /_call$|^mcp_/.test(textOf(type)) ? { toolUseId, toolName } : undefined
    const item: Item = { type, messageId, tool, said: new Map() }
    items.set(index, item)
    if (id) items.set(id, item)
    if (tool) emit('tool_use', { messageId, ...tool, inputSummary: server_label })
    if (tool) lastCall = toolUseId
    // What has a call id is answered under it, by an item of this response or the next.
    if (call_id || /^(mcp_approval_request|tool_search_call)$/.test(textOf(type))) open.add(toolUseId)
    return item
  }

  function addText(item: Item, kind: string, place: unknown, given: unknown, isWhole: boolean): void {
    const { messageId, said } = item
    const text = textOf(given)
    const part = textOf(place)
    const before = said.get(kind + part) ?? ''
    const piece = isWhole ? (text.startsWith(before) ? text.slice(before.length) : '') : text
    if (!piece) return
    said.set(kind + part, before + piece)
    // The parts of one reasoning are its paragraphs; those of a message are blocks of their own.
    const isThinking = kind.startsWith('reasoning')
    const isNext = isThinking && place && !before
    emit(isThinking ? 'thinking' : 'token', {
      messageId,
      blockId: isThinking ? kind : part,
      text: isNext ? `\n\n${piece}` : piece,
      refusal: kind === 'refusal' || undefined,
    })
  }

  /** The source once, whatever is cited of it; the annotation each time, for it says where. */
  function addAnnotation(item: Item, annotation: JsonObject): void {
    const { messageId } = item
    const { url, title, file_id, filename } = annotation
    const sourceId = firstText(url, file_id)
    if (sourceId && isNew(sourceId)) {
      emit('source_added', { messageId, sourceId, url, title: firstText(title, filename) })
    }
    custom('annotation', annotation, { messageId })
  }

  function addPart(item: Item, place: number, { type, text, refusal, annotations }: JsonObject): void {
    const kind = textOf(type).replace('summary', 'reasoning_summary')
    if (TEXT.test(kind)) addText(item, kind, place, text ?? refusal, true)
    if (item.isCited) return
    for (const annotation of listOf(annotations)) addAnnotation(item, objectOf(annotation))
  }

  function addArguments(item: Item, text: string): void {
    const { messageId, tool, isBegun } = item
    if (!tool || !text) return
    item.isBegun = true
    const isPlain = PLAIN.test(textOf(item.type))
    const delta = isPlain ? (isBegun ? '' : '"') + JSON.stringify(text).slice(1, -1) : text
    emit('tool_input_delta', { messageId, ...tool, delta })
  }

  /** The arguments are complete, and are the tool's input unless they were cut off and so are no JSON. */
  function settle({ type, tool, messageId, isBegun }: Item, source: unknown): void {
    if (!tool || source == null || !isNew(tool)) return
    const isPlain = PLAIN.test(textOf(type))
    if (isPlain && isBegun) emit('tool_input_delta', { messageId, ...tool, delta: '"' })
    const input = isPlain || typeof source !== 'string' ? source : parseJson(source || '{}')
    if (input !== undefined) emit('tool_use', { messageId, ...tool, input })
  }

  function complete(given: JsonObject, index: unknown, isOfWhole: boolean): void {
    const { id, call_id, status, error, action, result, output_format } = given
    const type = textOf(given.type)
    const known = find(id, index)
    const isOther = known && (known.type ?? type) !== type
    // An item of the whole response stands where it stood in the stream, if the response has all of them.
    if (isOther && isOfWhole) return
    const item = !known || isOther ? start(given, index) : known
    const { messageId, tool } = item
    if (!isNew(item)) return
    for (const parts of [given.summary, given.content]) {
      listOf(parts).forEach((part, place) => {
        addPart(item, place, objectOf(part))
      })
    }
    const isCut = status === 'incomplete'
    const { operation, queries } = given
    const source =
      given.arguments ?? given.input ?? given.code ?? action ?? given.actions ?? operation ?? queries
    if (!isCut || source) settle(item, source)
    const toolUseId = tool?.toolUseId ?? firstText(call_id, lastCall, id)
    if (type === 'mcp_approval_request') {
      emit('input_required', { inputId: toolUseId, kind: 'approval', message: given.name, toolUseId })
    } else if (type.endsWith('_output') || (tool && !isCut && !open.has(toolUseId))) {
      open.delete(toolUseId)
      const output = given.output ?? given.outputs ?? given.results ?? given.tools ?? objectOf(action).sources
      emit('tool_result', {
        messageId,
        toolUseId,
        ...tool,
        output: output ?? error,
        status: status === 'failed' || error ? 'error' : 'done',
      })
      if (type === 'image_generation_call' && result) {
        const mediaType = `image/${firstText(output_format) ?? 'png'}`
        emit('file', { messageId, url: `data:${mediaType};base64,${textOf(result)}`, mediaType })
      }
    } else if (given.encrypted_content || !(tool || /^(message|reasoning)$/.test(type))) {
      // Whole, as the next request has to give it back.
      custom(type, given, { messageId })
    }
  }

  return {
    open,
    complete,
    read(name, phase, payload) {
      const { output_index, content_index, summary_index } = payload
      const known = find(payload.item_id, output_index)
      const holder = () => known ?? start({ id: payload.item_id }, output_index)
      const place = content_index ?? summary_index ?? 0
      const isWhole = phase === 'done'
      const said =
        payload.delta ?? payload.text ?? payload.refusal ?? payload.arguments ?? payload.input ?? payload.code
      if (phase === 'annotation') {
        const item = holder()
        item.isCited = true
        addAnnotation(item, objectOf(payload.annotation))
      } else if (TEXT.test(name)) {
        addText(holder(), name, place, said, isWhole)
      } else if (name === 'output_item') {
        const item = objectOf(payload.item)
        if (isWhole) complete(item, output_index, false)
        else if (!items.has(item.id)) start(item, output_index)
      } else if (/_(arguments|input|code)$/.test(name)) {
        // Of a call that has not been announced only its end says the name, and what it is to be answered under.
        if (known && isWhole) settle(known, said)
        else if (known) addArguments(known, textOf(said))
      } else if (/^(audio|compaction|steer|shell)/.test(name) || phase === 'partial_image') {
        custom(`${name}.${phase}`, payload)
      } else {
        // Parts say nothing that their text or item does not; and a hosted tool runs until its item has ended.
        return /_(call|tools|part)$/.test(name)
      }
      return true
    },
  }
}
