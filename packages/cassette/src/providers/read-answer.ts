import {
  AgentStreamError,
  createFold,
  createSseReader,
  type Decoded,
  endRun,
  type Part,
  type RunState,
  type SseMessage,
  type Tool,
} from '@agent-stream/protocol'
import type { ToolCall } from '../conversation/conversation.ts'
import { parseArguments } from '../conversation/tool-arguments.ts'
import { isObject, objectOr, parseJson } from '../json-object.ts'
import { type DecodedResponse, DecodeError } from './decoded-response.ts'
import { jsonMessage, type Provider } from './provider.ts'
import { disjointUsage } from './token-usage.ts'

/** The finish reasons of an answer that its token limit cut off. */
const CUT_OFF = /^(length|max_tokens|max_output_tokens|model_length|model_context_window_exceeded)$/i

/** The answer in a whole event stream, cut anywhere. Throws `DecodeError` where there is none. */
export function decodeStream(provider: Provider, chunks: Iterable<Uint8Array>): DecodedResponse {
  const messages: SseMessage[] = []
  try {
    const reader = createSseReader({ onMessage: (message) => messages.push(message) })
    for (const chunk of chunks) reader.feed(chunk)
  } catch (error) {
    if (error instanceof AgentStreamError) throw new DecodeError(error.message, { cause: error })
    throw error
  }
  return decodeMessages(provider, messages, true)
}

/** The answer in a JSON body. Throws `DecodeError` where there is none. */
export function decodeJson(provider: Provider, text: string): DecodedResponse {
  return decodeMessages(provider, messagesOfJson(provider, parseJson(text)), false)
}

/** A JSON body as the messages of a stream that says the same. Throws `DecodeError` if it is none, or an error. */
export function messagesOfJson(provider: Provider, payload: unknown): readonly SseMessage[] {
  // Gemini, asked to stream without `alt=sse`, answers with a list of what are else messages.
  if (Array.isArray(payload)) return payload.map((item) => jsonMessage(objectOr(item)))
  if (!isObject(payload)) throw new DecodeError('The response is no JSON object')
  const error = payload.error ?? (payload.type === 'error' ? payload : undefined)
  if (error) throw new DecodeError(`The response is an error: ${errorText(error)}`)
  return provider.messagesOf(payload)
}

function errorText(error: unknown): string {
  const { message, type, code } = objectOr(error)
  return [type ?? code, message ?? error].filter((part) => typeof part === 'string').join(': ')
}

function decodeMessages(
  provider: Provider,
  messages: readonly SseMessage[],
  isStreamed: boolean,
): DecodedResponse {
  const state = runOf(provider, messages)
  if (state.outcome === 'failed') {
    const { errorType = 'error', message = 'no reason given' } = state.error ?? {}
    throw new DecodeError(`The response ends in an error: ${errorType}: ${message}`)
  }
  if (state.lastEventType === null) throw new DecodeError(`The response is no answer of ${provider.name}`)
  return answerOf(provider, state, isStreamed)
}

function runOf(provider: Provider, messages: readonly SseMessage[]): RunState {
  const run = createFold()
  const decoder = provider.dialect.createDecoder()
  const take = (decoded: Decoded) => {
    for (const item of decoded) {
      if (item.type === 'warning') run.warn(item)
      else run.apply(item)
    }
  }
  for (const message of messages) take(decoder.decode(message))
  take(decoder.end())
  return endRun(run.snapshot(), 'closed')
}

function answerOf(
  { name, isCacheIncluded }: Provider,
  state: RunState,
  isStreamed: boolean,
): DecodedResponse {
  const refusal = textOf(state, 'text', true)
  const thinking = textOf(state, 'thinking', false)
  const finishReason = state.done?.finishReason ?? null
  return {
    provider: name,
    model: state.done?.model || null,
    text: textOf(state, 'text', false),
    toolCalls: state.tools.filter(isCall).map(callOf),
    usage: state.usage && disjointUsage(state.usage, isCacheIncluded),
    finishReason,
    ...(refusal && { refusal }),
    ...(thinking && { thinking }),
    isStreamed,
    isTruncated: state.outcome === 'truncated' || CUT_OFF.test(finishReason ?? ''),
  }
}

/** The first choice's text, without that of sub-agents; of refusals, or of all else. */
function textOf({ parts }: RunState, type: 'text' | 'thinking', isRefusal: boolean): string {
  return parts
    .filter((part): part is Part & { readonly type: 'text' | 'thinking' } => part.type === type)
    .filter((part) => !part.branchId && !part.parentToolUseId && (part.refusal === true) === isRefusal)
    .map(({ text }) => text)
    .join('')
}

/** Whether the caller is to execute it. Those with a result, or an id of Anthropic's servers, ran at the provider. */
function isCall({ id, status, branchId, parentToolUseId }: Tool): boolean {
  const isOurs = status !== 'done' && status !== 'error' && !/^(srv|mcp)toolu_/.test(id)
  return isOurs && !branchId && !parentToolUseId
}

function callOf({ id, name, input, inputText }: Tool): ToolCall {
  return { id, name, arguments: input === undefined ? parseArguments(inputText) : input }
}
