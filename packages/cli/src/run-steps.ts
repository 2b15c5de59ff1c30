import {
  type AgentEvent,
  decodePayload,
  encodePayload,
  type RecordedEvent,
  type RecordedSession,
} from '@agent-stream/protocol'

/** An event of a run, or several pieces of text in a row, as a comparison sees it. */
export interface RunStep {
  /** What it is: two steps with the same key may be the same step of two runs. */
  readonly key: string
  /** Whether the key names one thing, such as a tool call: then it may be found at another place. */
  readonly isNamed: boolean
  readonly atMs: number
  /** What must be the same: text, or fields but for ids, times and counts. */
  readonly content: Readonly<Record<string, unknown>>
}

/** What differs from run to run and means nothing. */
const VOLATILE: ReadonlySet<string> = new Set([
  'tool_use_id',
  'parent_tool_use_id',
  'message_id',
  'block_id',
  'run_id',
  'started_at',
  'duration_ms',
  'expires_at',
  'total_cost_usd',
  'usage',
  'final',
])

/** The steps of both runs. Tools are paired by id, and where ids differ, by name and order. */
export function stepsOfBoth(a: RecordedSession, b: RecordedSession): [RunStep[], RunStep[]] {
  const [toolsOfA, toolsOfB] = [toolNames(a), toolNames(b)]
  const isShared = (id: string) => toolsOfA.has(id) && toolsOfA.get(id) === toolsOfB.get(id)
  return [stepsOf(a, toolLabels(toolsOfA, isShared)), stepsOf(b, toolLabels(toolsOfB, isShared))]
}

/** Of each tool id, in the order of first sight. */
function toolNames({ events }: RecordedSession): Map<string, string> {
  const names = new Map<string, string>()
  for (const { event, data } of events) {
    const decoded = decodePayload(event, data)
    if (decoded.type !== 'tool_use' && decoded.type !== 'tool_result') continue
    if (decoded.toolUseId !== '')
      names.set(decoded.toolUseId, names.get(decoded.toolUseId) || decoded.toolName)
  }
  return names
}

function toolLabels(
  names: ReadonlyMap<string, string>,
  isShared: (id: string) => boolean,
): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  return new Map(
    [...names].map(([id, name]) => {
      if (isShared(id)) return [id, `${name} ${id}`]
      const place = (counts.get(name) ?? 0) + 1
      counts.set(name, place)
      return [id, `${name} #${place}`]
    }),
  )
}

function stepsOf({ events }: RecordedSession, labels: ReadonlyMap<string, string>): RunStep[] {
  const steps: RunStep[] = []
  let text: { readonly key: string; said: string; count: number; readonly atMs: number } | undefined

  function endText(): void {
    if (text) steps.push({ key: text.key, isNamed: false, atMs: text.atMs, content: { text: text.said } })
    text = undefined
  }

  for (const recorded of events) {
    const atMs = Math.round(recorded.t * 1000)
    const event = decodePayload(recorded.event, recorded.data)
    if (event.type === 'token' || event.type === 'thinking') {
      if (text?.key !== event.type) endText()
      text ??= { key: event.type, said: '', count: 0, atMs }
      text.said += event.text
      text.count++
    } else {
      endText()
      steps.push({ atMs, ...(event.type === 'warning' ? foreignStep(recorded) : eventStep(event, labels)) })
    }
  }
  endText()
  return steps
}

function foreignStep({ event, data }: RecordedEvent): Omit<RunStep, 'atMs'> {
  return { key: event, isNamed: false, content: { data } }
}

function eventStep(event: AgentEvent, labels: ReadonlyMap<string, string>): Omit<RunStep, 'atMs'> {
  const name = nameOf(event, labels)
  const fields = Object.entries(encodePayload(event)).filter(([key]) => !VOLATILE.has(key))
  return {
    key: name === undefined ? event.type : `${event.type} ${name}`,
    isNamed: name !== undefined,
    content: Object.fromEntries(fields),
  }
}

/** What the event is about, where it says so. */
function nameOf(event: AgentEvent, labels: ReadonlyMap<string, string>): string | undefined {
  switch (event.type) {
    case 'tool_use':
    case 'tool_result':
      return labels.get(event.toolUseId) ?? event.toolName
    case 'tool_input_delta':
      return labels.get(event.toolUseId)
    case 'step_started':
    case 'step_completed':
      return event.stepId
    case 'source_added':
      return event.sourceId
    case 'quality_checked':
      return event.check
    case 'creation':
      return event.creationType
    case 'custom':
      return event.name
    case 'error':
      return event.errorType
    case 'turn':
      return String(event.turnNumber)
    default:
      return undefined
  }
}
