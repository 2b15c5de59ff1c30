import {
  AgentStreamClient,
  type AgentStreamClientOptions,
  type Clock,
  type Outcome,
  systemClock,
  type Tool,
} from '@agent-stream/core'

import type { HostileDialect, ShownOutcome } from './case.ts'
import type { HostileDriver, ShownTool } from './driver.ts'

/** Its waits of seconds pass twenty times as fast, so that a suite need not wait for them. */
const SPEED = 20

const fastClock: Clock = {
  ...systemClock,
  now: () => systemClock.now() * SPEED,
  setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / SPEED),
}

const OUTCOMES: Readonly<Record<Outcome, ShownOutcome>> = {
  complete: 'complete',
  awaiting_tools: 'complete',
  awaiting_input: 'complete',
  incomplete: 'truncated',
  truncated: 'truncated',
  failed: 'failed',
  stopped: 'stopped',
}

/** This project's client, with these options, as a driver of the cases. */
export function agentStreamDriver(
  dialect: HostileDialect,
  options: AgentStreamClientOptions = {},
): HostileDriver {
  return {
    name: 'agent-stream',
    dialect,
    async run({ url, signal }) {
      const client = new AgentStreamClient({ clock: fastClock, ...options })
      signal.addEventListener('abort', client.stop)
      const { outcome, error } = await client.start(url)
      const { text, tools, seq } = client.getSnapshot()
      return {
        outcome: OUTCOMES[outcome],
        text,
        tools: tools.map(shownTool),
        hasError: error !== null,
        isGapShown: seq.gaps.length > 0,
      }
    },
  }
}

function shownTool({ name, status, output }: Tool): ShownTool {
  const isTold = status === 'running' || status === 'done' || status === 'error'
  return { name, status: isTold ? status : 'open', output: output === undefined ? undefined : String(output) }
}
