import type { Origin } from '../event.ts'
import type { Emit } from './event-decoder.ts'
import { firstText, jsonFragment, listOf, objectOf, textOf } from './fields.ts'
import { type JsonObject, parseJson } from './json-messages.ts'

/** One item of a response's output: a message, its reasoning, or a tool call. */
export interface Item {
  readonly type: string
  readonly origin: Origin
  readonly tool: ItemTool | undefined
  /** By part: what has been given out of each text, and how many of its annotations. */
  readonly texts: Map<string, string>
  readonly annotations: Map<unknown, number>
  /** The arguments' source text so far, before it is wrapped as JSON. */
  args: string
  isSettled: boolean
  isDone: boolean
}

export interface ItemTool {
  readonly toolUseId: string
  readonly toolName: string
  /** Someone else runs it, and its result is an item of its own, of this response or the next. */
  readonly isCallers: boolean
  /** What makes JSON of arguments that are plain text: what stands before and after them. */
  readonly wrap: readonly [before: string, after: string] | undefined
}

/** The kinds of text that parts hold, by the name their messages have for them. */
export const TEXT_KINDS: Readonly<Record<string, 'token' | 'thinking'>> = {
  output_text: 'token',
  refusal: 'token',
  reasoning_text: 'thinking',
  reasoning_summary_text: 'thinking',
}

/** Gives out what comes of items, piece by piece, or whole where no pieces came. */
export interface ItemWriter {
  start(given: JsonObject, index: unknown): Item
  /** `part` is the part's index within the item. */
  addText(item: Item, kind: string, part: unknown, text: string): void
  /** The text is complete: what of it has not come yet is given out. */
  completeText(item: Item, kind: string, part: unknown, whole: unknown): void
  addAnnotation(item: Item, part: unknown, place: unknown, annotation: JsonObject): void
  completePart(item: Item, part: unknown, given: JsonObject): void
  addArguments(item: Item, text: string): void
  completeArguments(item: Item, whole: unknown): void
  complete(item: Item, given: JsonObject): void
  custom(name: string, value: unknown, origin?: Origin): void
  toolCount(): number
  /** Calls that someone else is to execute, and whose result has not come. */
  openCalls(): number
}

export function createItemWriter(dialect: string, emit: Emit): ItemWriter {
  const sourceIds = new Set<string>()
  const toolIds = new Set<string>()
  const openIds = new Set<string>()

  const custom = (name: string, value: unknown, origin?: Origin) =>
    emit('custom', { ...origin, name: `${dialect}.${name}`, value })

  function start(given: JsonObject, index: unknown): Item {
    const type = textOf(given.type)
    const origin = { messageId: firstText(given.id) ?? `item-${index}` }
    const tool = toolOf(type, given, origin.messageId)
    if (tool) {
      const { toolUseId, toolName } = tool
      const { server_label } = given
      toolIds.add(toolUseId)
      if (tool.isCallers) openIds.add(toolUseId)
      emit('tool_use', { ...origin, toolUseId, toolName })
      if (server_label) custom('mcp_server', { tool_use_id: toolUseId, server_label }, origin)
    }
    const state = { args: '', isSettled: false, isDone: false }
    return { type, origin, tool, texts: new Map(), annotations: new Map(), ...state }
  }

  function addText(item: Item, kind: string, part: unknown, text: string): void {
    if (text === '') return
    const { texts, origin } = item
    const key = `${kind} ${part}`
    const said = texts.get(key)
    const type = TEXT_KINDS[kind] ?? 'token'
    // The parts of one reasoning are its paragraphs; those of a message are blocks of their own.
    const isThinking = type === 'thinking'
    const blockId = isThinking ? kind : `${part}`
    const isNext =
      isThinking && said === undefined && [...texts.keys()].some((other) => other.startsWith(`${kind} `))
    texts.set(key, (said ?? '') + text)
    const refusal = kind === 'refusal' || undefined
    emit(type, { ...origin, blockId, text: isNext ? `\n\n${text}` : text, refusal })
  }

  function completeText(item: Item, kind: string, part: unknown, whole: unknown): void {
    const said = item.texts.get(`${kind} ${part}`) ?? ''
    const text = textOf(whole)
    if (text.startsWith(said)) addText(item, kind, part, text.slice(said.length))
  }

  function addAnnotation(item: Item, part: unknown, place: unknown, annotation: JsonObject): void {
    const seen = item.annotations.get(part) ?? 0
    if (typeof place === 'number' && place < seen) return
    item.annotations.set(part, seen + 1)
    const origin = { ...item.origin, blockId: `${part}` }
    const { url, title, file_id, filename } = annotation
    const sourceId = firstText(url, file_id)
    if (sourceId !== undefined && !sourceIds.has(sourceId)) {
      sourceIds.add(sourceId)
      emit('source_added', { ...origin, sourceId, url, title: firstText(title, filename) })
    }
    custom('annotation', annotation, origin)
  }

  function completePart(item: Item, part: unknown, given: JsonObject): void {
    const { type, text, refusal, annotations } = given
    const kind = type === 'summary_text' ? 'reasoning_summary_text' : textOf(type)
    if (!TEXT_KINDS[kind]) return
    completeText(item, kind, part, text ?? refusal)
    for (const [place, annotation] of listOf(annotations).entries()) {
      addAnnotation(item, part, place, objectOf(annotation))
    }
  }

  function addArguments(item: Item, text: string): void {
    const { tool, origin, args } = item
    if (!tool || text === '') return
    const { toolUseId, wrap } = tool
    item.args += text
    const delta = wrap ? (args === '' ? wrap[0] : '') + jsonFragment(text) : text
    emit('tool_input_delta', { ...origin, toolUseId, delta })
  }

  /** The arguments are complete, and are the tool's input unless they were cut off and so are no JSON. */
  function completeArguments(item: Item, whole: unknown): void {
    if (typeof whole !== 'string') {
      settle(item, whole)
      return
    }
    if (whole.startsWith(item.args)) addArguments(item, whole.slice(item.args.length))
    const { args, tool } = item
    const json = tool?.wrap ? tool.wrap.join(jsonFragment(args)) : args
    settle(item, json ? parseJson(json) : {})
  }

  function settle(item: Item, input: unknown): void {
    const { tool, origin, args, isSettled } = item
    if (!tool || isSettled || (input ?? undefined) === undefined) return
    item.isSettled = true
    const { toolUseId, wrap } = tool
    if (wrap && args) emit('tool_input_delta', { ...origin, toolUseId, delta: wrap[1] })
    emit('tool_use', { ...origin, ...tool, input })
  }

  function completeTool(item: Item, tool: ItemTool, given: JsonObject): void {
    const { arguments: json, input, code, action, actions, operation, queries, status, error } = given
    const isCut = status === 'incomplete'
    const source =
      json ?? input ?? code ?? action ?? actions ?? operation ?? (queries ? { queries } : undefined)
    if (!isCut || source !== '') completeArguments(item, source)
    if (tool.isCallers || isCut) return
    const { output, outputs, results, tools } = given
    emit('tool_result', {
      ...item.origin,
      ...tool,
      output: output ?? outputs ?? results ?? tools ?? objectOf(action).sources ?? error ?? undefined,
      outputSummary: firstText(objectOf(error).message, error),
      status: status === 'failed' || error ? 'error' : 'done',
    })
    addFiles(item, given)
  }

  function addFiles({ origin }: Item, { result, output_format, outputs }: JsonObject): void {
    const format = firstText(output_format) ?? 'png'
    const mediaType = `image/${format}`
    if (firstText(result)) emit('file', { ...origin, url: `data:${mediaType};base64,${result}`, mediaType })
    for (const output of listOf(outputs)) {
      const { type, url } = objectOf(output)
      if (type === 'image' && firstText(url)) emit('file', { ...origin, url, mediaType })
    }
  }

  function complete(item: Item, given: JsonObject): void {
    const { type, tool, origin } = item
    if (item.isDone) return
    item.isDone = true
    for (const list of [given.summary, given.content]) {
      for (const [part, inner] of listOf(list).entries()) completePart(item, part, objectOf(inner))
    }
    if (tool) completeTool(item, tool, given)
    if (type === 'mcp_approval_request') askApproval(item, given)
    else if (type.endsWith('_output')) addOutput(item, type, given)
    else if (type === 'reasoning') {
      const { id, encrypted_content } = given
      if (encrypted_content) custom('reasoning', { id, encrypted_content }, origin)
    } else if (type === 'mcp_approval_response') {
      emit('input_received', { inputId: given.approval_request_id, answer: given.approve })
    } else if (!tool && type !== 'message') custom(type || 'item', given, origin)
  }

  function askApproval({ tool, origin }: Item, { name, server_label }: JsonObject): void {
    const message = `${textOf(server_label)} ${textOf(name)}`.trim()
    emit('input_required', {
      inputId: origin.messageId,
      kind: 'approval',
      message,
      toolUseId: tool?.toolUseId,
    })
  }

  function addOutput({ origin }: Item, type: string, given: JsonObject): void {
    const { call_id, id, output, result, tools, status } = given
    const toolUseId = textOf(call_id ?? id)
    openIds.delete(toolUseId)
    emit('tool_result', {
      ...origin,
      toolUseId,
      toolName: type.replace(/(_call)?_output$/, ''),
      output: output ?? result ?? tools,
      status: status === 'failed' ? 'error' : 'done',
    })
  }

  return {
    start,
    addText,
    completeText,
    addAnnotation,
    completePart,
    addArguments,
    completeArguments,
    complete,
    custom,
    toolCount: () => toolIds.size,
    openCalls: () => openIds.size,
  }
}

function toolOf(type: string, given: JsonObject, itemId: string): ItemTool | undefined {
  const isTool = type.endsWith('_call') || /^(mcp_list_tools|mcp_approval_request|program)$/.test(type)
  if (!isTool) return undefined
  const { call_id, name, container_id } = given
  const container = container_id ? `"container_id":${JSON.stringify(container_id)},` : ''
  const wraps: Readonly<Record<string, readonly [string, string]>> = {
    custom_tool_call: ['"', '"'],
    code_interpreter_call: [`{${container}"code":"`, '"}'],
    program: ['{"code":"', '"}'],
    shell_call: ['{"commands":["', '"]}'],
  }
  return {
    toolUseId: firstText(call_id) ?? itemId,
    toolName: firstText(name) ?? type.replace(/_call$/, ''),
    isCallers: firstText(call_id) !== undefined || type === 'mcp_approval_request',
    wrap: wraps[type],
  }
}
