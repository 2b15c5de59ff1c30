import { anthropicMessages } from '../../src/dialects/anthropic-messages.ts'
import type { Tool } from '../../src/index.ts'
import { describeDialect, type Expected } from './contract.ts'
import type { RawMessage } from './streams.ts'

interface RawBlock {
  readonly type: string
  readonly id: string
  readonly name: string
  readonly tool_use_id: string
  readonly content: unknown
  readonly is_error?: boolean
}

interface RawPayload {
  readonly type: string
  readonly index: number
  readonly message: { readonly id: string; readonly usage: Record<string, number> }
  readonly content_block: RawBlock
  readonly delta: {
    readonly type: string
    readonly text: string
    readonly thinking: string
    readonly partial_json: string
    readonly stop_reason?: string
    readonly citation: { readonly url?: string; readonly document_title: string }
  }
  readonly usage: Record<string, number> & {
    readonly output_tokens_details?: { readonly thinking_tokens: number }
  }
  readonly error: { readonly message: string }
}

/** Collects the messages by their kind, and puts the answer together from the collections. */
function oracle(messages: readonly RawMessage[]): Expected {
  const all = messages.map(({ payload }) => payload as RawPayload)
  const of = (type: string) => all.filter((payload) => payload.type === type)
  const deltas = of('content_block_delta')
  const joined = (type: string, key: 'text' | 'thinking' | 'partial_json', index?: number) =>
    deltas
      .filter(({ delta, index: at }) => delta.type === type && (index === undefined || at === index))
      .map(({ delta }) => delta[key])
      .join('')
  const starts = of('content_block_start')
  const results = starts.filter(({ content_block }) => content_block.type.endsWith('tool_result'))
  const finishReason = of('message_delta').at(-1)?.delta.stop_reason
  const [error] = of('error')
  const tools = starts
    .filter(({ content_block }) => content_block.type.endsWith('tool_use'))
    .map(({ content_block: { id, name }, index }): Partial<Tool> => {
      const inputText = joined('input_json_delta', 'partial_json', index)
      const result = results.find(({ content_block }) => content_block.tool_use_id === id)?.content_block
      const isCut = finishReason === 'max_tokens'
      return {
        id,
        name,
        inputText,
        input: isCut ? undefined : inputText === '' ? {} : JSON.parse(inputText),
        output: result?.content,
        status: result ? 'done' : finishReason === 'tool_use' ? 'requested' : 'incomplete',
      }
    })
  const total = of('message_delta').at(-1)?.usage
  const usage = { ...of('message_start')[0]?.message.usage, ...total }
  const reasoningTokens = total?.output_tokens_details?.thinking_tokens
  const citations = deltas.filter(({ delta }) => delta.type === 'citations_delta')
  const isOpen = tools.some(({ status }) => status === 'incomplete')
  return {
    runId: of('message_start')[0]?.message.id ?? null,
    text: joined('text_delta', 'text'),
    thinking: joined('thinking_delta', 'thinking'),
    tools,
    finishReason,
    usage: {
      inputTokens: usage.input_tokens as number,
      outputTokens: usage.output_tokens as number,
      ...(reasoningTokens !== undefined && { reasoningTokens }),
      ...(usage.cache_read_input_tokens !== undefined && {
        cacheReadTokens: usage.cache_read_input_tokens,
        cacheWriteTokens: usage.cache_creation_input_tokens as number,
      }),
    },
    outcome: error
      ? 'failed'
      : finishReason === 'tool_use'
        ? 'awaiting_tools'
        : isOpen
          ? 'incomplete'
          : 'complete',
    ...(error && { errorMessage: error.error.message }),
    sources: [
      ...new Set(citations.map(({ delta: { citation } }) => citation.url ?? citation.document_title)),
    ],
  }
}

describeDialect({ dialect: anthropicMessages, oracle })
