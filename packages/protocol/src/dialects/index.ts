import type { Dialect } from '../dialect.ts'
import { agUi } from './ag-ui.ts'
import { aiSdkUi } from './ai-sdk-ui.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

export { agUi, aiSdkUi, anthropicMessages, openaiChat, openaiResponses }

/** Every dialect there is, for a client that is to read whatever comes. */
export const allDialects: readonly Dialect[] = [aiSdkUi, agUi, openaiChat, openaiResponses, anthropicMessages]
