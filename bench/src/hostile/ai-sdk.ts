import type { HostileDriver, ShownTool } from '@agent-stream/test-harness/hostile'
import {
  AbstractChat,
  type ChatState,
  type ChatStatus,
  DefaultChatTransport,
  getToolName,
  isToolUIPart,
  type UIMessage,
} from 'ai'

/** The state that `useChat` gives its chat, without a framework to tell. */
class PlainState implements ChatState<UIMessage> {
  status: ChatStatus = 'ready'
  error: Error | undefined = undefined
  messages: UIMessage[] = []
  pushMessage = (message: UIMessage): void => {
    this.messages = [...this.messages, message]
  }
  popMessage = (): void => {
    this.messages = this.messages.slice(0, -1)
  }
  replaceMessage = (index: number, message: UIMessage): void => {
    this.messages = this.messages.with(index, this.snapshot(message))
  }
  snapshot = <T>(thing: T): T => structuredClone(thing)
}

class PlainChat extends AbstractChat<UIMessage> {}

/** `ai`: the chat under `useChat`, with its own transport. */
export const aiSdk: HostileDriver = {
  name: 'AI SDK',
  dialect: 'ai-sdk-ui',
  async run({ url, signal }) {
    let isStopped = false
    const chat = new PlainChat({
      state: new PlainState(),
      transport: new DefaultChatTransport({ api: url }),
      onFinish: ({ isAbort }) => {
        isStopped = isAbort
      },
    })
    signal.addEventListener('abort', () => void chat.stop())
    await chat.sendMessage({ text: 'Hi' })
    const parts = chat.messages.flatMap(({ role, parts }) => (role === 'assistant' ? parts : []))
    return {
      outcome: isStopped ? 'stopped' : chat.status === 'error' ? 'failed' : 'complete',
      text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
      tools: parts.flatMap((part): ShownTool[] => {
        if (!isToolUIPart(part)) return []
        const name = getToolName(part)
        if (part.state === 'output-available') return [{ name, status: 'done', output: String(part.output) }]
        return [{ name, status: part.state === 'output-error' ? 'error' : 'running' }]
      }),
      hasError: chat.error !== undefined,
    }
  },
}
