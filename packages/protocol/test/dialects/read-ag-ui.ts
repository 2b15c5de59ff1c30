import { HttpAgent, type Message } from '@ag-ui/client'
import type { RunFinishedOutcome } from '@ag-ui/core'
import { EventSchema } from '@ag-ui/core/schemas'

import { type AgUiEncoderOptions, type AgUiEvent, createAgUiEncoder } from '../../src/dialects/ag-ui.ts'
import { type AgentEvent, createFold, endRun, type RunState } from '../../src/index.ts'

export interface AgUiRun {
  readonly events: readonly AgUiEvent[]
  readonly state: RunState
}

export function encodeAgUi(given: readonly AgentEvent[], options?: AgUiEncoderOptions): AgUiRun {
  const encoder = createAgUiEncoder(options)
  const run = createFold()
  const events = given.flatMap((event) => {
    run.apply(event)
    return encoder.encode(event)
  })
  return { events: [...events, ...encoder.end()], state: endRun(run.snapshot(), 'closed') }
}

export interface AgUiRead {
  readonly messages: readonly Message[]
  readonly state: unknown
  readonly outcome: RunFinishedOutcome['type'] | 'error' | undefined
  readonly pendingToolCallIds: readonly string[]
  readonly interruptIds: readonly string[]
}

/** What `HttpAgent` makes of them; throws where it does, and where an event is none of AG-UI's. */
export async function readAgUi(events: readonly AgUiEvent[]): Promise<AgUiRead> {
  for (const event of events) EventSchema.parse(JSON.parse(JSON.stringify(event)))
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  const agent = new HttpAgent({ url: 'http://localhost/', fetch })
  let outcome: AgUiRead['outcome']
  let pendingToolCallIds: readonly string[] = []
  await agent.runAgent(
    {},
    {
      onRunFinishedEvent(params) {
        outcome = params.outcome
        if (params.outcome === 'success') pendingToolCallIds = params.pendingToolCallIds
      },
      onRunErrorEvent() {
        outcome = 'error'
      },
    },
  )
  return {
    messages: agent.messages,
    state: agent.state,
    outcome,
    pendingToolCallIds,
    interruptIds: agent.pendingInterrupts.map(({ id }) => id),
  }
}
