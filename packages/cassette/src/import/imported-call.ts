import type { Conversation, ToolCall } from '../conversation/conversation.ts'
import type { TokenUsage } from '../providers/token-usage.ts'

/** The systems whose exports are read. */
export const IMPORT_SOURCES = ['langfuse', 'langsmith', 'otel'] as const

export type ImportSource = (typeof IMPORT_SOURCES)[number]

/** A call of a model as an observability system kept it: what was asked and answered, not the bytes. */
export interface ImportedCall {
  /** How the source names it; absent where it does not. */
  readonly id?: string
  readonly model: string
  /** In the source's own word. */
  readonly provider?: string
  readonly conversation: Conversation
  readonly answer: ImportedAnswer
  readonly usage?: TokenUsage
  /** ISO 8601. */
  readonly startedAt?: string
  /** Milliseconds from the request to the end of the answer. */
  readonly latencyMs?: number
  /** Milliseconds from the request to the first bytes of the answer. */
  readonly firstChunkMs?: number
  readonly category?: string
}

export interface ImportedAnswer {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly finishReason?: string
}

/** A record that cannot be imported; the message says why. It costs only itself. */
export class RefusedRecord extends Error {
  override readonly name = 'RefusedRecord'
}

export function refuse(reason: string): never {
  throw new RefusedRecord(reason)
}
