import type { HostileDriver, ShownTool } from '@agent-stream/test-harness/hostile'
import { ChatClient, fetchServerSentEvents, type UIMessage } from '@tanstack/ai-client'

/** `@tanstack/ai-client`: the client under its `useChat`, with its own connection. */
export const tanStack: HostileDriver = {
  name: 'TanStack AI',
  dialect: 'ag-ui',
  async run({ url, signal }) {
    let isStopped = false
    const client = new ChatClient({ connection: fetchServerSentEvents(url) })
    signal.addEventListener('abort', () => {
      isStopped = client.getStatus() !== 'ready'
      client.stop()
    })
    await client.sendMessage('Hi')
    const answer = client.getMessages().filter(({ role }) => role === 'assistant')
    const status = client.getStatus()
    client.dispose()
    return {
      outcome: status === 'error' ? 'failed' : isStopped ? 'stopped' : 'complete',
      text: answer
        .flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.content : '')))
        .join(''),
      tools: answer.flatMap(toolsOf),
      hasError: client.getError() !== undefined,
    }
  },
}

/** Its calls and its results are parts of their own. */
function toolsOf({ parts }: UIMessage): ShownTool[] {
  const calls = new Set(parts.map((part) => part.type === 'tool-call' && part.id))
  return parts.flatMap((part): ShownTool[] => {
    if (part.type === 'tool-result' && !calls.has(part.toolCallId)) {
      return [{ name: '', status: 'done', output: String(part.content) }]
    }
    if (part.type !== 'tool-call') return []
    const result = parts.find((other) => other.type === 'tool-result' && other.toolCallId === part.id)
    const output = result?.type === 'tool-result' ? result.content : part.output
    return [
      output === undefined
        ? { name: part.name, status: 'running' }
        : { name: part.name, status: 'done', output: String(output) },
    ]
  })
}
