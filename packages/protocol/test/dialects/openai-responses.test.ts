import { openaiResponses } from '../../src/dialects/openai-responses.ts'
import type { Tool } from '../../src/index.ts'
import { describeDialect, type Expected } from './contract.ts'
import type { RawMessage } from './streams.ts'

interface RawItem {
  readonly type: string
  readonly id: string
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
  readonly code?: string
  readonly action?: unknown
  readonly output?: unknown
  readonly outputs?: unknown
  readonly tools?: unknown
  readonly summary?: readonly { readonly text: string }[]
  readonly content?: readonly {
    readonly text: string
    readonly annotations?: readonly { readonly url?: string; readonly filename?: string }[]
  }[]
}

interface RawResponse {
  readonly id: string
  readonly output: readonly RawItem[]
  readonly error: { readonly message: string } | null
  readonly usage: {
    readonly input_tokens: number
    readonly output_tokens: number
    readonly total_tokens: number
    readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens?: number }
    readonly output_tokens_details: { readonly reasoning_tokens: number }
  } | null
}

interface RawPayload {
  readonly type: string
  readonly response: RawResponse
}

/** Reads nothing but the last message, which has the whole response: the pieces must add up to it. */
function oracle(messages: readonly RawMessage[]): Expected {
  const all = messages.map(({ payload }) => payload as RawPayload | undefined).filter((payload) => payload)
  const { id: runId } = (all.find((payload) => payload?.response) as RawPayload).response
  const { type, response } = all.at(-1) as RawPayload
  const textsOf = (kind: string) => response.output.filter((item) => item.type === kind)
  const content = textsOf('message').flatMap((item) => item.content ?? [])
  const tools = response.output.filter((item) => /_call$|_tools$/.test(item.type)).map(toolOf)
  const annotations = content.flatMap(({ annotations = [] }) => annotations)
  const callsTools = tools.some(({ status }) => status === 'requested')
  const isFailed = type === 'response.failed'
  return {
    runId,
    text: content.map(({ text }) => text).join(''),
    thinking: textsOf('reasoning')
      .flatMap(({ summary = [], content: raw = [] }) => [summary, raw])
      .map((parts) => parts.map(({ text }) => text).join('\n\n'))
      .join(''),
    tools,
    usage: response.usage && usageOf(response.usage),
    finishReason: isFailed ? undefined : callsTools ? 'tool_calls' : 'stop',
    outcome: isFailed ? 'failed' : callsTools ? 'awaiting_tools' : 'complete',
    ...(response.error && { errorMessage: response.error.message }),
    sources: [...new Set(annotations.map(({ url, filename }) => url ?? filename ?? ''))],
  }
}

function toolOf(item: RawItem): Partial<Tool> {
  const { id, call_id, name, type, code, action, output, outputs, tools } = item
  const isRequested = type === 'function_call'
  return {
    id: call_id ?? id,
    name: name ?? type.replace(/_call$/, ''),
    input: item.arguments ? JSON.parse(item.arguments) : (code ?? action),
    output: output ?? outputs ?? tools,
    status: isRequested ? 'requested' : 'done',
  }
}

function usageOf(usage: NonNullable<RawResponse['usage']>): Expected['usage'] {
  const { input_tokens_details: input, output_tokens_details: output } = usage
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    totalTokens: usage.total_tokens,
    reasoningTokens: output.reasoning_tokens,
    cacheReadTokens: input.cached_tokens,
    ...(input.cache_write_tokens !== undefined && { cacheWriteTokens: input.cache_write_tokens }),
  }
}

describeDialect({ dialect: openaiResponses, oracle })
