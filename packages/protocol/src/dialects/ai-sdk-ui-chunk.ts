type ProviderMetadata = Record<string, Record<string, string | number | boolean>>
/** Under the key `agentStream`: what the AI SDK has no field for. */
export type ToolMetadata = { agentStream: Record<string, string | number> }

export type UiFinishReason =
  | 'stop'
  | 'length'
  | 'content-filter'
  | 'tool-calls'
  | 'error'
  | 'interrupted'
  | 'other'

/** The chunks of the AI SDK's UI message stream that this project writes: a part of `ai`'s `UIMessageChunk`. */
export type AiSdkUiChunk =
  | { type: 'start'; messageId?: string }
  | { type: 'start-step' | 'finish-step' | 'reset-step' }
  | { type: 'text-start' | 'text-end'; id: string; providerMetadata?: ProviderMetadata }
  | { type: 'reasoning-start' | 'reasoning-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta'; id: string; delta: string }
  | {
      type: 'tool-input-start'
      toolCallId: string
      toolName: string
      dynamic?: boolean
      toolMetadata?: ToolMetadata
    }
  | { type: 'tool-input-delta'; toolCallId: string; inputTextDelta: string }
  | {
      type: 'tool-input-available'
      toolCallId: string
      toolName: string
      input: unknown
      dynamic?: boolean
      toolMetadata?: ToolMetadata
    }
  | { type: 'tool-approval-request'; approvalId: string; toolCallId: string; reason?: string }
  | { type: 'tool-approval-response'; approvalId: string; approved: boolean; reason?: string }
  | {
      type: 'tool-output-available'
      toolCallId: string
      output: unknown
      preliminary?: boolean
      toolMetadata?: ToolMetadata
    }
  | { type: 'tool-output-error'; toolCallId: string; errorText: string; toolMetadata?: ToolMetadata }
  | { type: 'tool-output-denied'; toolCallId: string }
  | { type: 'source-url'; sourceId: string; url: string; title?: string }
  | { type: 'source-document'; sourceId: string; mediaType: string; title: string }
  | { type: 'reasoning-file'; url: string; mediaType: string }
  | { type: 'message-metadata'; messageMetadata: unknown }
  | { type: 'file'; url: string; mediaType: string; providerMetadata?: ProviderMetadata }
  /** `agentStream`: an event of the protocol, by its own name. */
  | { type: `data-${string}`; id?: string; data: unknown; transient?: boolean; agentStream?: true }
  | { type: 'finish'; finishReason?: UiFinishReason; messageMetadata?: unknown }
  | { type: 'error'; errorText: string }
  | { type: 'abort'; reason?: string }

const REASONS: readonly (readonly [UiFinishReason, RegExp])[] = [
  ['stop', /^(stop|end_?turn|stop_sequence|complete[d]?|eos)$/i],
  ['length', /length|max_(output_)?tokens|context_window/i],
  ['content-filter', /content[-_]?filter|refusal|safety/i],
  ['tool-calls', /^(tool[-_](calls?|use)|function_call)$/i],
  ['error', /^error$/i],
  ['interrupted', /^interrupted$/i],
]

/** The AI SDK's word for a finish reason of whatever wire; `other` where it has none. */
export function uiFinishReason(reason: string): UiFinishReason {
  return REASONS.find(([, words]) => words.test(reason))?.[0] ?? 'other'
}
