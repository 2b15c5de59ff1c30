import { HttpAgent } from '@ag-ui/client'
import type { HostileDriver, ShownTool } from '@agent-stream/test-harness/hostile'

/** `@ag-ui/client`: its HTTP agent, and the messages that it keeps. */
export const agUi: HostileDriver = {
  name: 'AG-UI',
  dialect: 'ag-ui',
  async run({ url, signal }) {
    const agent = new HttpAgent({ url })
    signal.addEventListener('abort', () => agent.abortRun())
    let hasError = false
    const onError = () => {
      hasError = true
    }
    await agent.runAgent({}, { onRunErrorEvent: onError }).catch(onError)
    const results = new Map<string, string>()
    for (const message of agent.messages)
      if (message.role === 'tool') results.set(message.toolCallId, String(message.content))
    const answer = agent.messages.filter((message) => message.role === 'assistant')
    const tools = answer
      .flatMap(({ toolCalls = [] }) => toolCalls)
      .map((call): ShownTool => {
        const output = results.get(call.id)
        results.delete(call.id)
        return { name: call.function.name, status: output === undefined ? 'running' : 'done', output }
      })
    const orphans = [...results.values()].map((output): ShownTool => ({ name: '', status: 'done', output }))
    return {
      outcome: signal.aborted ? 'stopped' : hasError ? 'failed' : 'complete',
      text: answer.map(({ content }) => content ?? '').join(''),
      tools: [...tools, ...orphans],
      hasError,
    }
  },
}
