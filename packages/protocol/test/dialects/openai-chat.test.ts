import { openaiChat } from '../../src/dialects/openai-chat.ts'
import type { Tool } from '../../src/index.ts'
import { describeDialect, type Expected } from './contract.ts'
import type { RawMessage } from './streams.ts'

interface RawCall {
  readonly index: number
  readonly id?: string
  readonly function: { readonly name?: string; readonly arguments?: string }
}

interface RawChunk {
  readonly id?: string
  readonly choices?: readonly {
    readonly index: number
    readonly delta: {
      readonly content?: string | null
      readonly refusal?: string | null
      readonly reasoning?: string | null
      readonly reasoning_content?: string | null
      readonly tool_calls?: readonly RawCall[]
      readonly annotations?: readonly { readonly url_citation: { readonly url: string } }[]
    }
    readonly finish_reason: string | null
  }[]
  readonly usage?: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly total_tokens: number
    readonly cached_tokens?: number
    readonly prompt_tokens_details?: { readonly cached_tokens: number; readonly cache_write_tokens?: number }
    readonly completion_tokens_details?: { readonly reasoning_tokens: number }
  } | null
  readonly search_results?: readonly { readonly url: string }[]
  readonly error?: { readonly message: string }
}

const isText = (text: string | null | undefined): text is string => typeof text === 'string'

/** Collects what each field of the first choice said, and puts the answer together from the collections. */
function oracle(messages: readonly RawMessage[]): Expected {
  const chunks = messages.filter(({ data }) => data !== '[DONE]').map(({ payload }) => payload as RawChunk)
  const choices = chunks.flatMap((chunk) => chunk.choices ?? [])
  const first = choices.filter(({ index }) => index === 0)
  const pieces = first.flatMap(({ delta }) => delta.tool_calls ?? [])
  const finishReason = first.map(({ finish_reason }) => finish_reason).findLast(isText)
  const tools = [...new Set(pieces.map(({ index }) => index))].map((index): Partial<Tool> => {
    const own = pieces.filter((piece) => piece.index === index)
    const inputText = own.map((piece) => piece.function.arguments ?? '').join('')
    return {
      id: own[0]?.id ?? '',
      name: own[0]?.function.name ?? '',
      inputText,
      input: JSON.parse(inputText),
      status: 'requested',
    }
  })
  const total = chunks.map(({ usage }) => usage).findLast((usage) => usage)
  const errorMessage = chunks.find(({ error }) => error)?.error?.message
  const urls = chunks.flatMap(({ search_results = [] }) => search_results.map(({ url }) => url))
  const cited = first.flatMap(
    ({ delta }) => delta.annotations?.map(({ url_citation }) => url_citation.url) ?? [],
  )
  return {
    runId: chunks.find(({ id }) => id)?.id ?? null,
    text: first.flatMap(({ delta }) => [delta.content, delta.refusal].filter(isText)).join(''),
    thinking: first.map(({ delta }) => delta.reasoning_content ?? delta.reasoning ?? '').join(''),
    tools,
    usage: total ? usageOf(total) : null,
    finishReason,
    outcome: errorMessage ? 'failed' : tools.length > 0 ? 'awaiting_tools' : 'complete',
    ...(errorMessage !== undefined && { errorMessage }),
    sources: [...new Set([...urls, ...cited])],
  }
}

function usageOf(usage: NonNullable<RawChunk['usage']>): Expected['usage'] {
  const { prompt_tokens_details: prompt, completion_tokens_details: completion, cached_tokens } = usage
  const cacheReadTokens = prompt?.cached_tokens ?? cached_tokens
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    totalTokens: usage.total_tokens,
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(prompt?.cache_write_tokens !== undefined && { cacheWriteTokens: prompt.cache_write_tokens }),
    ...(completion !== undefined && { reasoningTokens: completion.reasoning_tokens }),
  }
}

describeDialect({ dialect: openaiChat, oracle })
