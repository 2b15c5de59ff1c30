import type {
  AgentEvent,
  Decoded,
  Decoder,
  Dialect,
  DoneEvent,
  StreamWarning,
  Usage,
} from '@agent-stream/protocol'
import { defined, isObject, type JsonObject, listOr, objectOr, parseJson, stringOr } from '../json-object.ts'
import { camelKeys } from './gemini-conversation.ts'

/** The event stream of `streamGenerateContent?alt=sse`: each message is a whole response with what is new in it. */
export const geminiGenerateContent: Dialect = {
  name: 'gemini-generate-content',
  detect: (_message, payload) =>
    isObject(payload) && (Array.isArray(payload.candidates) || isObject(payload.usageMetadata)),
  createDecoder: createGeminiDecoder,
}

/** Gemini has one finish reason for an answer and for calls of tools. */
function geminiFinishReason(reason: string | undefined, hasCalls: boolean): string | undefined {
  return reason === 'STOP' && hasCalls ? 'tool_calls' : reason
}

interface Progress {
  runId: string | undefined
  model: string
  finishReason: string | undefined
  usage: unknown
  toolCount: number
  hasFailed: boolean
}

function createGeminiDecoder(): Decoder {
  const progress: Progress = {
    runId: undefined,
    model: '',
    finishReason: undefined,
    usage: undefined,
    toolCount: 0,
    hasFailed: false,
  }
  let isOver = false

  return {
    decode({ data }) {
      const payload = parseJson(data)
      if (isChunk(payload)) return readChunk(progress, payload)
      return data.trim() === '[DONE]'
        ? []
        : [warning(isObject(payload) ? 'unknown_event' : 'malformed_frame', data)]
    },
    end() {
      const done = isOver ? undefined : pendingDone(progress)
      isOver = true
      return done ? [done] : []
    },
    get pending() {
      return isOver ? undefined : pendingDone(progress)
    },
  }
}

function isChunk(payload: unknown): payload is JsonObject {
  if (!isObject(payload)) return false
  return [payload.candidates, payload.usageMetadata, payload.promptFeedback, payload.error].some(Boolean)
}

function warning(code: 'unknown_event' | 'malformed_frame', data: string): StreamWarning {
  const message = '"message" is not a message of gemini-generate-content'
  return { type: 'warning', code, message, event: 'message', data: data.slice(0, 200) }
}

function readChunk(progress: Progress, chunk: JsonObject): Decoded {
  const events: AgentEvent[] = []
  const runId = stringOr(chunk.responseId, '')
  if (progress.runId === undefined) events.push({ type: 'run_started', runId, startedAt: '', protocol: '' })
  progress.runId = runId
  progress.model = stringOr(chunk.modelVersion, progress.model)
  progress.usage = chunk.usageMetadata ?? progress.usage
  const { blockReason } = objectOr(chunk.promptFeedback)
  progress.finishReason = stringOr(blockReason, progress.finishReason)
  if (chunk.error) events.push(errorEvent(progress, objectOr(chunk.error)))
  for (const item of listOr(chunk.candidates)) events.push(...readCandidate(progress, objectOr(item)))
  return events
}

function errorEvent(progress: Progress, { status, code, message, details }: JsonObject): AgentEvent {
  progress.hasFailed = true
  const errorType = String(status ?? code ?? 'error')
  return {
    type: 'error',
    errorType,
    message: stringOr(message, 'error'),
    ...(details !== undefined && { details }),
  }
}

function readCandidate(progress: Progress, candidate: JsonObject): readonly AgentEvent[] {
  const index = Number(candidate.index) || 0
  const origin = index > 0 ? { branchId: `choice-${index}` } : {}
  progress.finishReason = stringOr(candidate.finishReason, progress.finishReason)
  return listOr(objectOr(candidate.content).parts).flatMap((item) => {
    const part = objectOr(camelKeys(item))
    return readPart(progress, part).map((event) => ({ ...event, ...origin }))
  })
}

function readPart(progress: Progress, part: JsonObject): readonly AgentEvent[] {
  const { text, thought, functionCall, inlineData, thoughtSignature, ...rest } = part
  if (typeof text === 'string') return text ? [{ type: thought === true ? 'thinking' : 'token', text }] : []
  if (isObject(functionCall)) return [callEvent(progress, functionCall)]
  const { mimeType, data } = objectOr(camelKeys(inlineData))
  if (typeof mimeType === 'string' && typeof data === 'string')
    return [{ type: 'file', url: `data:${mimeType};base64,${data}`, mediaType: mimeType }]
  return Object.keys(rest).length > 0 ? [{ type: 'custom', name: 'gemini.part', value: part }] : []
}

function callEvent(progress: Progress, { id, name, args }: JsonObject): AgentEvent {
  const toolUseId = stringOr(id, `call_${progress.toolCount}`)
  progress.toolCount++
  return {
    type: 'tool_use',
    toolName: stringOr(name, ''),
    toolUseId,
    inputSummary: '',
    status: 'running',
    input: args ?? {},
  }
}

function pendingDone({
  runId,
  model,
  finishReason,
  usage,
  toolCount,
  hasFailed,
}: Progress): DoneEvent | undefined {
  if (finishReason === undefined && !hasFailed) return undefined
  const reason = geminiFinishReason(finishReason, toolCount > 0)
  return {
    type: 'done',
    messageId: runId ?? '',
    numTurns: 1,
    toolCount,
    durationMs: 0,
    model,
    isError: hasFailed,
    ...(reason !== undefined && { finishReason: reason }),
    ...(isObject(usage) && { usage: usageOf(usage) }),
  }
}

/** As everywhere, the prompt with what tools added to it, and the answer with the thoughts: here both are apart. */
function usageOf(metadata: JsonObject): Usage {
  const thoughts = count(metadata.thoughtsTokenCount)
  const answer = count(metadata.candidatesTokenCount)
  const prompt = count(metadata.promptTokenCount)
  const fromTools = count(metadata.toolUsePromptTokenCount)
  return defined({
    inputTokens: fromTools === undefined ? prompt : (prompt ?? 0) + fromTools,
    outputTokens:
      answer === undefined && thoughts === undefined ? undefined : (answer ?? 0) + (thoughts ?? 0),
    reasoningTokens: thoughts,
    cacheReadTokens: count(metadata.cachedContentTokenCount),
    totalTokens: count(metadata.totalTokenCount),
  })
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
