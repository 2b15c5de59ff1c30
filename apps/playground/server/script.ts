import type { AgentEvent } from '@agent-stream/protocol'
import type { AgentOutput, Question } from '@agent-stream/server'
import type { TimedEvent } from './catalogue.ts'
import { resultsFirst } from './schedule.ts'
import type { StreamRequest } from './stream-request.ts'

/** What a playing agent does next, `waitMs` after what it did before: say something, or ask. */
export type Step = { readonly waitMs: number } & (
  | { readonly event: AgentOutput }
  | { readonly question: Question }
)

const GO_ON = 'Go on'
const HURRY = 'Go faster'
const STOP = 'Stop here'

/**
 * A recording with a question in it, step by step; the answer to a question is what `next` is given. The same
 * request and the same answers make the same steps, so that a run can be continued where its log ends.
 */
export function* scriptOf(
  events: readonly TimedEvent[],
  request: StreamRequest,
): Generator<Step, void, unknown> {
  const played = request.fault === 'result-before-use' ? resultsFirst(events) : events
  const place = questionPlace(played, request)
  let { speed } = request
  let lastMs = 0
  for (const [index, { atMs, event }] of played.entries()) {
    const waitMs = (atMs - lastMs) / speed
    lastMs = atMs
    if (index !== place) {
      yield { waitMs, event: event as AgentOutput }
      continue
    }
    const answer = yield { waitMs, question: questionAbout(event, request) }
    if (answer === HURRY) speed *= 10
    else if (answer !== true && answer !== GO_ON) return yield* farewell()
    yield { waitMs: 0, event: event as AgentOutput }
  }
}

/** Before the first tool, or in the middle; nowhere if there is nothing to ask. */
function questionPlace(events: readonly TimedEvent[], { ask }: StreamRequest): number {
  if (ask === 'none') return -1
  const tool = ask === 'approval' ? events.findIndex(({ event }) => event.type === 'tool_use') : -1
  return tool < 0 ? Math.floor(events.length / 2) : tool
}

function questionAbout(event: AgentEvent, { ask }: StreamRequest): Question {
  if (ask === 'choice') {
    const options = [GO_ON, HURRY, STOP]
    return { inputId: 'pace', kind: 'choice', message: 'How shall I go on?', options }
  }
  if (event.type !== 'tool_use') return { inputId: 'approval', kind: 'approval', message: 'May I go on?' }
  const { toolName, toolUseId } = event
  return { inputId: 'approval', kind: 'approval', message: `May I use ${toolName}?`, toolUseId }
}

function* farewell(): Generator<Step, void, unknown> {
  yield { waitMs: 0, event: { type: 'token', text: '\n\nThen I stop here, as you wish.' } }
  yield { waitMs: 0, event: { type: 'done', finishReason: 'stop' } }
}
