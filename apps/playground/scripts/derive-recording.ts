// Writes a provider's recorded run as a session of nine-event lines, with a pace fit to be watched.
// Used once per recording; recordings/NOTICE.md says on what.
//
//   node --conditions=agent-stream-source scripts/derive-recording.ts <source> > recordings/<name>.jsonl
//
// <source>: an Anthropic Messages stream (.sse), or Claude Code's stream-json messages (.jsonl).
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type AgentEvent, encodePayload, eventLine, headerLine } from '@agent-stream/protocol'

/** One content block of a run, whichever source it comes from. */
type Block =
  | { readonly kind: 'text' | 'thinking'; readonly text: string }
  | {
      readonly kind: 'call'
      readonly id: string
      readonly name: string
      readonly input: unknown
      readonly parent?: string
    }
  | {
      readonly kind: 'result'
      readonly id: string
      readonly output: string
      readonly isError: boolean
      readonly durationMs: number
      readonly parent?: string
    }

interface Run {
  readonly blocks: Block[]
  readonly done: { id: string; model: string; finishReason?: string; costUsd?: number }
}

type Json = Record<string, unknown>

const WORD_MS = 38
const INPUT_WORD_MS = 14
const TOOL_MS = 1600
const BLOCK_MS = 260
const MAX_OUTPUT_CHARS = 160
/** Any fixed day: the sources do not say when they were recorded. */
const STARTED_AT = '2026-01-01T00:00:00.000Z'

const [path] = process.argv.slice(2)
if (!path) throw new TypeError('derive-recording: name the source, a .sse or .jsonl file')
const source = readFileSync(path, 'utf8')
const run = path.endsWith('.sse') ? anthropicRun(source) : claudeCodeRun(source)
process.stdout.write(`${lines(run, createHash('sha256').update(source).digest('hex')).join('\n')}\n`)

function lines({ blocks, done }: Run, sourceHash: string): string[] {
  const session = sessionId(sourceHash)
  const metadata = { model: done.model, derived: true, source_sha256: sourceHash }
  const written = [headerLine({ session, startedAt: STARTED_AT, metadata })]
  const names = new Map<string, string>()
  let tMs = 0
  let turn = 0
  let lastKind: Block['kind'] | undefined

  const write = (event: AgentEvent, gapMs: number): void => {
    tMs += gapMs
    written.push(
      eventLine({ t: tMs / 1000, event: event.type, data: encodePayload(event), sid: session }).replace(
        `, "sid": "${session}"`,
        '',
      ),
    )
  }
  const progress = (index: number, step: string, message: string): void =>
    write(
      {
        type: 'progress',
        step,
        percentage: Math.round((100 * index) / blocks.length),
        message,
        subProgress: null,
      },
      0,
    )

  for (const [index, block] of blocks.entries()) {
    if (lastKind === undefined || (lastKind === 'result' && block.kind !== 'result'))
      write({ type: 'turn', turnNumber: ++turn, totalTools: names.size }, BLOCK_MS)
    lastKind = block.kind
    switch (block.kind) {
      case 'thinking':
      case 'text':
        progress(
          index,
          block.kind === 'text' ? 'writing' : 'thinking',
          block.kind === 'text' ? 'Writing' : 'Thinking',
        )
        for (const text of words(block.text))
          write({ type: block.kind === 'text' ? 'token' : 'thinking', text }, WORD_MS)
        break
      case 'call': {
        const { id, name, input, parent } = block
        const origin = parent === undefined ? {} : { parentToolUseId: parent }
        names.set(id, name)
        progress(index, 'tool', `Running ${name}`)
        write(
          { type: 'tool_use', toolName: name, toolUseId: id, inputSummary: '', status: 'running', ...origin },
          BLOCK_MS,
        )
        for (const delta of words(JSON.stringify(input)))
          write({ type: 'tool_input_delta', toolUseId: id, delta, ...origin }, INPUT_WORD_MS)
        break
      }
      case 'result':
        write(
          {
            type: 'tool_result',
            toolName: names.get(block.id) ?? '',
            toolUseId: block.id,
            outputSummary: block.output.slice(0, MAX_OUTPUT_CHARS),
            durationMs: block.durationMs,
            status: block.isError ? 'error' : 'done',
            ...(block.parent !== undefined && { parentToolUseId: block.parent }),
          },
          block.durationMs,
        )
    }
  }
  progress(blocks.length, 'done', 'Finished')
  write(
    {
      type: 'done',
      messageId: done.id,
      numTurns: turn,
      toolCount: names.size,
      durationMs: tMs,
      model: done.model,
      isError: false,
      ...(done.finishReason && { finishReason: done.finishReason }),
      ...(done.costUsd !== undefined && { totalCostUsd: done.costUsd }),
    },
    BLOCK_MS,
  )
  return written
}

function anthropicRun(text: string): Run {
  const blocks: Block[] = []
  const done: Run['done'] = { id: '', model: '' }
  let open: { block: Json; text: string } | undefined
  for (const message of text.split(/\r?\n\r?\n/)) {
    const data = message
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5))
      .join('\n')
    if (data === '') continue
    const event = JSON.parse(data) as Json
    const delta = (event.delta ?? {}) as Json
    if (event.type === 'message_start') {
      const { id, model } = event.message as Json
      Object.assign(done, { id, model })
    } else if (event.type === 'content_block_start') open = { block: event.content_block as Json, text: '' }
    else if (event.type === 'content_block_delta' && open)
      open.text += delta.text ?? delta.thinking ?? delta.partial_json ?? ''
    else if (event.type === 'content_block_stop' && open) blocks.push(anthropicBlock(open.block, open.text))
    else if (event.type === 'message_delta') done.finishReason = String(delta.stop_reason)
  }
  return { blocks, done }
}

function anthropicBlock(block: Json, text: string): Block {
  const type = String(block.type)
  if (type === 'text' || type === 'thinking') return { kind: type, text }
  if (type.endsWith('tool_use'))
    return { kind: 'call', id: String(block.id), name: String(block.name), input: JSON.parse(text) }
  if (type.endsWith('tool_result')) {
    const output = outputText(block.content)
    const isError = block.is_error === true
    return { kind: 'result', id: String(block.tool_use_id), output, isError, durationMs: TOOL_MS }
  }
  throw new TypeError(`derive-recording: a content block of type "${type}" is not handled`)
}

function claudeCodeRun(text: string): Run {
  const blocks: Block[] = []
  const done: Run['done'] = { id: '', model: '' }
  for (const line of text.trim().split('\n')) {
    const parsed = JSON.parse(line) as Json
    if (parsed.direction === 'send') continue
    const record = (parsed.message && parsed.direction ? parsed.message : parsed) as Json
    const message = record.message as Json | undefined
    if (record.type === 'result') done.costUsd = Number(record.total_cost_usd)
    if (!message || !Array.isArray(message.content)) continue
    if (record.type === 'assistant') Object.assign(done, { id: message.id, model: message.model })
    const parent = typeof record.parent_tool_use_id === 'string' ? record.parent_tool_use_id : undefined
    for (const part of message.content as Json[]) {
      if (part.type === 'thinking') blocks.push({ kind: 'thinking', text: String(part.thinking) })
      // A sub-agent's prompt is a user's text, and part of the call already.
      else if (part.type === 'text' && record.type === 'assistant')
        blocks.push({ kind: 'text', text: String(part.text) })
      else if (part.type === 'tool_use') {
        const call = { id: String(part.id), name: String(part.name), input: part.input }
        blocks.push({ kind: 'call', ...call, ...(parent !== undefined && { parent }) })
      } else if (part.type === 'tool_result') {
        const toolResult = record.tool_use_result as Json | undefined
        const durationMs = Number(toolResult?.totalDurationMs ?? TOOL_MS)
        const output = outputText(part.content)
        const isError = part.is_error === true
        const result = { id: String(part.tool_use_id), output, isError, durationMs }
        blocks.push({ kind: 'result', ...result, ...(parent !== undefined && { parent }) })
      }
    }
  }
  return { blocks, done }
}

/** What a result says, in short; search results hold third parties' texts, of which only the number is kept. */
function outputText(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) {
    const texts = (content as Json[]).filter((part) => part.type === 'text').map((part) => String(part.text))
    return texts.length > 0 ? (texts[0] as string).trim() : `${content.length} results`
  }
  const { stdout, type } = (content ?? {}) as Json
  return typeof stdout === 'string' && stdout.trim() !== '' ? stdout.trim() : String(type ?? '')
}

/** Cut before each space, so that the pieces join to the same text. */
function words(text: string): string[] {
  return text.match(/\s*\S+(?:\s+$)?/g) ?? []
}

/** A UUID made of the source, so that deriving twice writes the same file. */
function sessionId(hash: string): string {
  return hash.slice(0, 32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
}
