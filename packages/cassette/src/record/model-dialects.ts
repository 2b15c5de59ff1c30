import type { Dialect } from '@agent-stream/protocol'
import { anthropicMessages } from '@agent-stream/protocol/dialects/anthropic-messages'
import { openaiChat } from '@agent-stream/protocol/dialects/openai-chat'
import { openaiResponses } from '@agent-stream/protocol/dialects/openai-responses'

/** The wires on which models answer. */
export const MODEL_DIALECTS: readonly Dialect[] = [openaiChat, openaiResponses, anthropicMessages]
