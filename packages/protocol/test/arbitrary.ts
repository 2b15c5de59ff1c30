import fc from 'fast-check'

import type { AgentEvent, AgentEventType } from '../src/index.ts'

/** Text with whatever a model may write: escapes, control characters, emoji. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', '"', '\\', '\n', '\u2028', '🦅', '"}', '{"text":"', '\u0000'),
)

/** A value as `JSON.parse` gives it. */
export const anyJson: fc.Arbitrary<unknown> = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)

const id = fc.constantFrom('a', 'b', 'c')
const count = fc.nat(1000)
const flag = fc.boolean()

const origin = { messageId: id, blockId: id, branchId: id, parentToolUseId: id }

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>

/** Every field of every event: those that decoding always fills in, then those that may be absent. */
const fields: Readonly<Record<AgentEventType, readonly [always: Fields, maybe: Fields]>> = {
  token: [{ text: anyText }, { refusal: flag, ...origin }],
  thinking: [{ text: anyText }, origin],
  tool_use: [
    { toolName: id, toolUseId: id, inputSummary: anyText, status: fc.constant('running') },
    { input: anyJson, ...origin },
  ],
  tool_input_delta: [{ toolUseId: id, delta: anyText }, origin],
  tool_result: [
    {
      toolName: id,
      toolUseId: id,
      outputSummary: anyText,
      durationMs: count,
      status: fc.constantFrom('done', 'error'),
    },
    { output: anyJson, preliminary: flag, ...origin },
  ],
  turn: [{ turnNumber: fc.nat(3), totalTools: count }, {}],
  progress: [
    {
      step: anyText,
      percentage: fc.nat(100),
      message: anyText,
      subProgress: fc.option(fc.record({ current: count, total: count, itemTitle: anyText })),
    },
    {},
  ],
  creation: [
    { creationType: anyText, count, toolUseId: id, items: fc.array(anyJson, { maxLength: 2 }) },
    origin,
  ],
  error: [{ errorType: anyText, message: anyText }, { details: anyJson }],
  done: [
    {
      messageId: anyText,
      numTurns: count,
      toolCount: count,
      durationMs: count,
      model: anyText,
      isError: flag,
    },
    {
      aborted: flag,
      totalCostUsd: fc.nat(9).map((cents) => cents / 100),
      finishReason: fc.constantFrom('stop', 'tool_calls'),
      usage: fc.record(
        {
          inputTokens: count,
          outputTokens: count,
          reasoningTokens: count,
          cacheReadTokens: count,
          cacheWriteTokens: count,
          totalTokens: count,
        },
        { requiredKeys: [] },
      ),
      final: fc.record(
        { eventCount: count, textChars: count, textHash: fc.constant('00000000') },
        { requiredKeys: [] },
      ),
      redacted: flag,
    },
  ],
  run_started: [{ runId: id, startedAt: anyText, protocol: anyText }, { heartbeatMs: count }],
  plan_created: [{ steps: fc.array(fc.record({ stepId: id, title: anyText }), { maxLength: 3 }) }, {}],
  step_started: [{ stepId: id }, { title: anyText }],
  step_completed: [{ stepId: id, status: fc.constantFrom('done', 'failed') }, { durationMs: count }],
  source_added: [{ sourceId: id }, { url: anyText, title: anyText, mediaType: anyText, ...origin }],
  quality_checked: [{ check: anyText, passed: flag }, { score: count }],
  input_required: [
    { inputId: id, kind: fc.constantFrom('approval', 'question', 'choice'), message: anyText },
    { toolUseId: id, schema: anyJson, options: fc.array(anyJson, { maxLength: 2 }), expiresAt: anyText },
  ],
  input_received: [{ inputId: id }, { answer: anyJson }],
  file: [
    { url: anyText, mediaType: anyText },
    { name: anyText, ...origin },
  ],
  custom: [{ name: anyText }, { value: anyJson, ...origin }],
  state_snapshot: [{}, { state: anyJson }],
  state_delta: [{ patch: fc.array(anyJson, { maxLength: 2 }) }, {}],
  rollback: [{ to: fc.nat(3) }, {}],
  gap: [{ fromSeq: fc.nat(20), toSeq: fc.nat(20) }, {}],
}

export const EVENT_TYPES = Object.keys(fields) as readonly AgentEventType[]

/** An event as decoding gives it, of one of these types. */
export function anyEvent(types: readonly AgentEventType[] = EVENT_TYPES): fc.Arbitrary<AgentEvent> {
  const kinds = types.map((type) => {
    const [always, maybe] = fields[type]
    return fc.record(
      { type: fc.constant(type), ...always, ...maybe },
      { requiredKeys: ['type', ...(Object.keys(always) as 'type'[])], noNullPrototype: true },
    )
  })
  // The table has the fields of AgentEvent: the round trip through the wire fails on any other.
  return fc.oneof(...kinds) as fc.Arbitrary<unknown> as fc.Arbitrary<AgentEvent>
}

/** A run of events that come thick enough to meet: root tokens, tools of few ids, and anything else. */
export const anyEvents: fc.Arbitrary<AgentEvent[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constantFrom('token', 'thinking'), text: anyText }, { noNullPrototype: true }),
    anyEvent(['tool_use', 'tool_input_delta', 'tool_result', 'turn']),
    anyEvent(),
  ),
  { maxLength: 25 },
)

/** The event with every field that it can have. */
export function fullEvent(type: AgentEventType): AgentEvent {
  const [always, maybe] = fields[type]
  const [event] = fc.sample(fc.record({ type: fc.constant(type), ...always, ...maybe }), {
    numRuns: 1,
    seed: 1,
  })
  return event as unknown as AgentEvent
}

const wireKeys = EVENT_TYPES.flatMap((type) =>
  fields[type].flatMap((part) =>
    Object.keys(part).flatMap((key) => [key, key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]),
  ),
)

/** An event name and data as a broken or hostile server may send them. */
export const anyFrame: fc.Arbitrary<{ readonly event: string; readonly data: string }> = fc.record({
  event: fc.oneof(
    fc.constantFrom<string>(...EVENT_TYPES, 'text.delta', '__proto__'),
    fc.string({ maxLength: 5 }),
  ),
  data: fc.oneof(
    { weight: 4, arbitrary: garbagePayload() },
    fc.json({ maxDepth: 2 }),
    fc.string(),
    fc.constantFrom('{"percentage": 1e999, "duration_ms": -1e999, "turn_number": 1e999}'),
  ),
})

function garbagePayload(): fc.Arbitrary<string> {
  const value = fc.oneof(anyJson, id, count, flag, fc.constantFrom('running', 'done', null))
  return fc
    .dictionary(fc.constantFrom(...wireKeys, '__proto__'), value, { maxKeys: 6 })
    .map((payload) => JSON.stringify(payload))
}
