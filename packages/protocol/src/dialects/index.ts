import type { Dialect } from '../dialect.ts'
import { agUi } from './ag-ui.ts'
import { aiSdkUi } from './ai-sdk-ui.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { openaiChat } from './openai-chat.ts'

export { agUi, aiSdkUi, anthropicMessages, openaiChat }

/** Every dialect there is, for a client that is to read whatever comes. */
export const allDialects: readonly Dialect[] = [aiSdkUi, agUi, openaiChat, anthropicMessages]
