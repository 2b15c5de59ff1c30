import { encodePayload } from '../encode.ts'
import { endRun } from '../end-run.ts'
import type {
  AgentEvent,
  CustomEvent,
  DoneEvent,
  InputReceivedEvent,
  InputRequiredEvent,
  Payload,
  SourceAddedEvent,
  ThinkingEvent,
  TokenEvent,
} from '../event.ts'
import { createFold, RUN_FAILED } from '../fold.ts'
import { laneOf } from '../parts.ts'
import type { RunState } from '../run-state.ts'
import { isRecord } from '../shape.ts'
import { createAiSdkUiCalls } from './ai-sdk-ui-calls.ts'
import { type AiSdkUiChunk, type UiFinishReason, uiFinishReason } from './ai-sdk-ui-chunk.ts'
import { createBlockIds } from './block-ids.ts'
import type { Encoder, Wire } from './encoder.ts'
import { createTextRuns, isPart, type TextRun } from './text-runs.ts'
import { createUiSteps } from './ui-steps.ts'

export interface AiSdkUiEncoderOptions {
  /** The message's id. Default: the run's. `null` gives none, so that a message that is continued keeps its own. */
  readonly messageId?: string | null | undefined
  /** Tools as `dynamic-tool` parts instead of `tool-<name>` ones. Default false. */
  readonly isDynamic?: boolean
  /** What the message has as its metadata in the end; usage, say. Default: none. */
  readonly messageMetadata?: (done: Payload<DoneEvent>) => unknown
}

/** The AI SDK's UI message stream as a wire to serve. */
export const aiSdkUiWire: Wire<AiSdkUiEncoderOptions> = {
  name: 'ai-sdk-ui',
  headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
  trailer: '[DONE]',
  createEncoder: createAiSdkUiEncoder,
  optionsOf: (body) => ({ messageId: continuedMessage(body) }),
  threadOf: (body) => (isRecord(body) && typeof body.id === 'string' ? body.id : undefined),
}

/** The assistant's message that the answer goes on with: then it must keep its id, or the client doubles it. */
function continuedMessage(body: unknown): string | undefined {
  if (!isRecord(body) || !Array.isArray(body.messages) || body.trigger === 'regenerate-message')
    return undefined
  const messages = body.messages.filter(isRecord)
  const message = messages.find(({ id }) => id === body.messageId) ?? messages.at(-1)
  return message?.role === 'assistant' && typeof message.id === 'string' ? message.id : undefined
}

/**
 * Writes a run as the AI SDK's UI message stream, version 1, for `useChat` (`spec/dialects.md`). Text of branches and
 * sub-agents, and what else the AI SDK has no chunk for, become data parts.
 */
export function createAiSdkUiEncoder(options: AiSdkUiEncoderOptions = {}): Encoder<AiSdkUiChunk> {
  const run = createFold()
  const runs = createTextRuns()
  const textIds = createBlockIds()
  /** The text of branches, which is told when it is complete. */
  const branches = new Map<TextRun, string>()
  let chunks: AiSdkUiChunk[] = []
  let hasStarted = false
  let hasEnded = false
  /** How many parts there were as the turn began. */
  let partsBefore = 0

  const write = (chunk: AiSdkUiChunk): void => {
    chunks.push(chunk)
  }
  const steps = createUiSteps((type) => write({ type }))
  const calls = createAiSdkUiCalls({
    isDynamic: options.isDynamic === true,
    write,
    step: steps.current,
    begin(lane) {
      endText(runs.end(lane))
      beginAnswer()
      return steps.current()
    },
  })

  function start(runId?: string): void {
    if (hasStarted) return
    hasStarted = true
    const { messageId = runId } = options
    write({ type: 'start', ...(messageId && { messageId }) })
  }

  function beginPart(): void {
    start()
    steps.begin(calls.leaveStep)
  }

  /** What follows a result is another step to the AI SDK, which sends a step again that ends in one. */
  function beginAnswer(): void {
    if (calls.hasResults()) steps.due()
    beginPart()
  }

  function text(event: TokenEvent | ThinkingEvent): void {
    const { run: current, ended, isNew } = runs.add(event)
    endText(ended)
    if (current.lane !== '') {
      branches.set(current, (branches.get(current) ?? '') + event.text)
      return
    }
    const kind = event.type === 'token' ? 'text' : 'reasoning'
    if (isNew) {
      beginAnswer()
      current.id = textIds.open(event.blockId ?? event.messageId ?? kind)
      const isRefusal = event.type === 'token' && event.refusal
      const said = isRefusal ? { providerMetadata: { agentStream: { refusal: true } } } : {}
      write({ type: `${kind}-start`, id: current.id, ...said })
    }
    if (event.text !== '') write({ type: `${kind}-delta`, id: current.id, delta: event.text })
  }

  function endText(ended: TextRun | undefined): void {
    if (!ended) return
    const { first, lane, id } = ended
    if (lane === '') write({ type: first.type === 'token' ? 'text-end' : 'reasoning-end', id })
    else data({ ...first, text: branches.get(ended) ?? '' })
    branches.delete(ended)
  }

  /** An event that the AI SDK has no chunk for. One with an id replaces the part that has it. */
  function data(event: AgentEvent, more: { id?: string; transient?: boolean } = {}): void {
    if (more.transient) start()
    else beginPart()
    const type = `data-${event.type.replaceAll('_', '-')}` as const
    write({ type, ...more, data: encodePayload(event), agentStream: true })
  }

  function custom({ name, value = null, blockId }: CustomEvent): void {
    if (name.startsWith('ai-sdk-ui.') && !name.startsWith('ai-sdk-ui.data-')) {
      const chunk = restored(name.slice('ai-sdk-ui.'.length), value)
      if (chunk && chunk.type !== 'message-metadata') beginPart()
      if (chunk) write(chunk)
      return
    }
    beginPart()
    const type = /^(?:ai-sdk-ui\.)?(?:data-)?(.+)$/s.exec(name)?.[1] ?? name
    if (name.startsWith('ai-sdk-ui.data-') && isRecord(value) && 'data' in value) {
      const { id, data, transient } = value
      const given = { ...(typeof id === 'string' && { id }), ...(transient === true && { transient }) }
      write({ type: `data-${type}`, ...given, data })
    } else {
      write({ type: `data-${name}`, ...(blockId !== undefined && { id: blockId }), data: value })
    }
  }

  function source(event: SourceAddedEvent): void {
    const { sourceId, url, title, mediaType } = event
    if (url !== undefined) {
      beginPart()
      write({ type: 'source-url', sourceId, url, ...(title !== undefined && { title }) })
    } else if (mediaType !== undefined) {
      beginPart()
      write({ type: 'source-document', sourceId, mediaType, title: title ?? sourceId })
    } else {
      data(event)
    }
  }

  function ask(event: InputRequiredEvent): void {
    const isOpen = run.snapshot().pendingInputs.some(({ inputId }) => inputId === event.inputId)
    if (!isOpen) return
    if (event.kind === 'approval' && event.toolUseId !== undefined) calls.ask(event)
    else data(event, { id: event.inputId })
  }

  function answer(event: InputReceivedEvent): void {
    const { inputId, answer: said } = event
    const { approved, reason } = isRecord(said) ? said : { approved: said, reason: undefined }
    const why = said === undefined ? 'expired' : typeof reason === 'string' ? reason : undefined
    if (!calls.answer(inputId, approved === true, why)) data(event, { id: inputId })
  }

  /** A step can be taken back: the fold tells whether it is what the turns that are taken back have said. */
  function takeBack(to: number, partsUntil: number): void {
    const { parts, tools } = run.snapshot()
    const step = steps.ofTurn()
    if (step === 0 && parts.length === partsUntil) return
    if (step !== steps.current() || parts.length !== partsBefore) {
      data({ type: 'rollback', to }, { transient: true })
      return
    }
    for (const ended of runs.endAll()) {
      branches.delete(ended)
      if (ended.lane === '') endText(ended)
    }
    write({ type: 'reset-step' })
    calls.rollback(step, tools)
    steps.reset()
  }

  function close(state: RunState): void {
    start()
    for (const ended of runs.endAll()) endText(ended)
    calls.finish(state.tools)
    for (const input of calls.unasked()) data({ type: 'input_required', ...input }, { id: input.inputId })
    steps.end()
    hasEnded = true
  }

  function finish(event: DoneEvent): void {
    const state = run.snapshot()
    const { done, outcome, error } = state
    close(state)
    if (outcome === 'stopped') {
      write({ type: 'abort' })
      return
    }
    if (outcome === 'failed') write({ type: 'error', errorText: (error ?? RUN_FAILED).message })
    const metadata = done && options.messageMetadata?.(done)
    const more = metadata === undefined ? {} : { messageMetadata: metadata }
    write({ type: 'finish', finishReason: reasonOf(event, state), ...more })
  }

  /** `partsUntil`: how many parts there were before a rollback. */
  function add(event: AgentEvent, partsUntil: number): void {
    if (isPart(event)) endText(runs.end(laneOf(event)))
    switch (event.type) {
      case 'run_started':
        start(event.runId)
        break
      case 'token':
      case 'thinking':
        text(event)
        break
      case 'tool_use':
      case 'tool_input_delta':
      case 'tool_result':
        calls.sync(run.snapshot().tools, event.type === 'tool_input_delta' ? event.delta : '')
        break
      case 'turn':
        endText(runs.end(''))
        steps.turn()
        partsBefore = run.snapshot().parts.length
        break
      case 'rollback':
        takeBack(event.to, partsUntil)
        break
      case 'input_required':
        ask(event)
        break
      case 'input_received':
        answer(event)
        break
      case 'source_added':
        source(event)
        break
      case 'file': {
        const { url, mediaType, name } = event
        beginPart()
        const more = name === undefined ? {} : { providerMetadata: { agentStream: { name } } }
        write({ type: 'file', url, mediaType, ...more })
        break
      }
      case 'custom':
        custom(event)
        break
      case 'progress':
        data(event, { id: 'progress' })
        break
      case 'plan_created':
        data(event, { id: 'plan' })
        break
      case 'creation':
      case 'step_started':
      case 'step_completed':
      case 'quality_checked':
      case 'error':
        data(event)
        break
      case 'state_snapshot':
      case 'state_delta':
      case 'gap':
        data(event, { transient: true })
        break
      case 'done':
        finish(event)
        break
      default:
        event satisfies never
    }
  }

  function take(): readonly AiSdkUiChunk[] {
    const taken = chunks
    chunks = []
    return taken
  }

  return {
    encode(event) {
      const partsUntil = event.type === 'rollback' ? run.snapshot().parts.length : 0
      if (run.apply(event)) add(event, partsUntil)
      return take()
    },
    end(error) {
      if (!hasEnded) {
        const state = endRun(run.snapshot(), 'closed')
        close(state)
        const last = error ?? (state.outcome === 'failed' ? state.error : undefined)
        write({ type: 'error', errorText: last?.message ?? CUT_OFF })
      }
      return take()
    },
  }
}

/** A chunk that the decoder kept under its own name; what it kept of others has no place here. */
function restored(type: string, value: unknown): AiSdkUiChunk | undefined {
  if (!isRecord(value)) return undefined
  const { url, mediaType, messageMetadata } = value
  if (type === 'message-metadata' && messageMetadata !== undefined) return { type, messageMetadata }
  const isFile = type === 'reasoning-file' && typeof url === 'string' && typeof mediaType === 'string'
  return isFile ? { type, url, mediaType } : undefined
}

const CUT_OFF = 'The stream ended before the run did'

function reasonOf({ finishReason }: DoneEvent, { outcome, pendingInputs }: RunState): UiFinishReason {
  if (outcome === 'failed') return 'error'
  const reason = finishReason === undefined ? undefined : uiFinishReason(finishReason)
  if (reason !== undefined && reason !== 'error') return reason
  if (pendingInputs.some(({ kind, toolUseId }) => kind === 'approval' && toolUseId)) return 'tool-calls'
  return outcome === 'complete' ? 'stop' : 'other'
}
