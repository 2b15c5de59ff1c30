import type { DoneEvent, RunState } from '@agent-stream/protocol'
import type { RunInfo } from '../log/run-store.ts'
import type { Agent, AgentContext, AgentOutput, Question } from './agent.ts'
import { createPuller, type Puller } from './puller.ts'
import { agentEvent, type StorableEvent } from './run-event.ts'

/** An agent at work: pulled event by event, until it ends or is given up. */
export interface RunningAgent {
  /** Pulls until the agent's end; resolves with its `done`, if it yielded one. Rejects with what it throws. */
  run(write: (event: StorableEvent) => Promise<void>): Promise<DoneEvent | undefined>
  /** Aborts its signal, and waits `graceMs` for its end. */
  abort(reason: Error, graceMs: number): void
  cancelTool(toolUseId: string): void
}

export interface RunningAgentOptions {
  readonly agent: Agent
  readonly run: RunInfo
  /** The state of the run now. */
  readonly state: () => RunState
  readonly ask: (question: Question, signal: AbortSignal) => Promise<unknown>
}

export function createRunningAgent({ agent, run, state, ask }: RunningAgentOptions): RunningAgent {
  const controller = new AbortController()
  const { signal } = controller
  const tools = new Map<string, AbortController>()
  /** Ends what the agent has asked and waits for no more. */
  const asking = new AbortController()
  let puller: Puller<AgentOutput> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined

  function tool(toolUseId: string): AbortController {
    const known = tools.get(toolUseId) ?? new AbortController()
    tools.set(toolUseId, known)
    return known
  }

  const context = (): AgentContext => ({
    runId: run.runId,
    owner: run.owner,
    input: JSON.parse(run.input),
    signal,
    state: state(),
    requestInput: (question) => ask(question, asking.signal),
    toolSignal: (toolUseId) => AbortSignal.any([signal, tool(toolUseId).signal]),
  })

  return {
    async run(write) {
      puller = createPuller(agent(context()))
      try {
        for (let next = await puller.next(); !next.done; next = await puller.next()) {
          const output = agentEvent(next.value)
          if (output.event.type === 'done') return output.event
          await write(output)
        }
        return undefined
      } finally {
        clearTimeout(grace)
        asking.abort(new DOMException('The agent has ended', 'AbortError'))
        puller.interrupt()
        puller = undefined
      }
    },
    abort(reason, graceMs) {
      controller.abort(reason)
      asking.abort(reason)
      clearTimeout(grace)
      if (puller) grace = setTimeout(puller.interrupt, graceMs)
    },
    cancelTool: (toolUseId) =>
      tool(toolUseId).abort(new DOMException('The tool call was cancelled', 'AbortError')),
  }
}
