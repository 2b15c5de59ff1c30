/**
 * What each event carries: the one table that decoding and encoding read.
 * Keys are the TypeScript names; the wire has them in snake_case.
 */

import type { AgentEventType } from './event.ts'

/** Reads one wire value; `undefined` means that it is not of this kind. */
type Read = (value: unknown) => unknown

interface Kind {
  readonly read: Read
  /** The value when the field is absent; `undefined` leaves it out. */
  readonly fallback?: unknown
  readonly isRequired?: boolean
  /** The shape inside an object, or inside each item of a list. */
  readonly shape?: Shape
}

export interface Field extends Kind {
  /** The name in TypeScript, in camelCase. */
  readonly key: string
  /** The name on the wire, in snake_case. */
  readonly wireKey: string
}

export type Shape = readonly Field[]

const string: Read = (value) => (typeof value === 'string' ? value : undefined)
const number: Read = (value) => (typeof value === 'number' ? value : undefined)
const boolean: Read = (value) => (typeof value === 'boolean' ? value : undefined)
const list: Read = (value) => (Array.isArray(value) ? value : undefined)
const any: Read = (value) => value
const percentage: Read = (value) =>
  typeof value === 'number' ? Math.min(100, Math.max(0, value)) : undefined
const oneOf =
  (...words: string[]): Read =>
  (value) =>
    words.find((word) => word === value)

const required = (read: Read): Kind => ({ read, isRequired: true })
const optional = (read: Read): Kind => ({ read })
const withDefault = (read: Read, fallback: unknown): Kind => ({ read, fallback })

const text = required(string)
const name = withDefault(string, '')
const count = withDefault(number, 0)
const maybeText = optional(string)
const maybeNumber = optional(number)
const maybeFlag = optional(boolean)
const json = optional(any)

function nested(kinds: Record<string, Kind>, fallback?: unknown): Kind {
  const shape = shapeOf(kinds)
  return { read: (value) => (isRecord(value) ? readShape(shape, value) : undefined), fallback, shape }
}

function listOf(kinds: Record<string, Kind>): Kind {
  const shape = shapeOf(kinds)
  const read: Read = (value) =>
    Array.isArray(value)
      ? value.map((item) => isRecord(item) && readShape(shape, item)).filter((item) => item)
      : undefined
  return { read, isRequired: true, shape }
}

const origin = {
  messageId: maybeText,
  blockId: maybeText,
  branchId: maybeText,
  parentToolUseId: maybeText,
}

const kinds: Record<AgentEventType, Record<string, Kind>> = {
  token: { text, refusal: maybeFlag, ...origin },
  thinking: { text, ...origin },
  tool_use: {
    toolName: name,
    toolUseId: name,
    inputSummary: name,
    status: withDefault(oneOf('running'), 'running'),
    input: json,
    ...origin,
  },
  tool_input_delta: { toolUseId: text, delta: text, ...origin },
  tool_result: {
    toolName: name,
    toolUseId: name,
    outputSummary: name,
    durationMs: count,
    status: withDefault(oneOf('done', 'error'), 'done'),
    output: json,
    preliminary: maybeFlag,
    ...origin,
  },
  turn: { turnNumber: required(number), totalTools: count },
  progress: {
    step: name,
    percentage: withDefault(percentage, 0),
    message: name,
    subProgress: nested({ current: count, total: count, itemTitle: name }, null),
  },
  creation: {
    creationType: name,
    count: count,
    toolUseId: name,
    items: withDefault(list, []),
    ...origin,
  },
  error: {
    errorType: withDefault(string, 'error'),
    message: withDefault(string, 'Unknown error'),
    details: json,
  },
  done: {
    messageId: name,
    numTurns: count,
    toolCount: count,
    durationMs: count,
    model: name,
    isError: withDefault(boolean, false),
    aborted: maybeFlag,
    totalCostUsd: maybeNumber,
    finishReason: maybeText,
    usage: nested({
      inputTokens: maybeNumber,
      outputTokens: maybeNumber,
      reasoningTokens: maybeNumber,
      cacheReadTokens: maybeNumber,
      cacheWriteTokens: maybeNumber,
      totalTokens: maybeNumber,
    }),
    final: nested({ eventCount: maybeNumber, textChars: maybeNumber, textHash: maybeText }),
    redacted: maybeFlag,
  },
  run_started: { runId: text, startedAt: name, protocol: name, heartbeatMs: maybeNumber },
  plan_created: { steps: listOf({ stepId: text, title: name }) },
  step_started: { stepId: text, title: maybeText },
  step_completed: { stepId: text, status: withDefault(string, 'done'), durationMs: maybeNumber },
  source_added: { sourceId: text, url: maybeText, title: maybeText, mediaType: maybeText, ...origin },
  quality_checked: { check: text, passed: required(boolean), score: maybeNumber },
  input_required: {
    inputId: text,
    kind: withDefault(oneOf('approval', 'question', 'choice'), 'question'),
    message: name,
    toolUseId: maybeText,
    schema: json,
    options: optional(list),
    expiresAt: maybeText,
  },
  input_received: { inputId: text, answer: json },
  file: { url: text, mediaType: name, name: maybeText, ...origin },
  custom: { name: text, value: json, ...origin },
  state_snapshot: { state: json },
  state_delta: { patch: required(list) },
  rollback: { to: required(number) },
  gap: { fromSeq: required(number), toSeq: required(number) },
}

export const SHAPES: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(kinds).map(([type, fields]) => [type, shapeOf(fields)]),
)

function shapeOf(kinds: Record<string, Kind>): Shape {
  return Object.entries(kinds).map(([key, kind]) => ({
    ...kind,
    key,
    wireKey: key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  }))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The fields of `wire` that `shape` knows, under their TypeScript names and with defaults filled in.
 * A value of the wrong kind counts as absent; `undefined` if a required one is absent.
 */
export function readShape(
  shape: Shape,
  wire: Readonly<Record<string, unknown>>,
  into: Record<string, unknown> = {},
): Record<string, unknown> | undefined {
  for (const field of shape) {
    const given = wire[field.wireKey]
    let value = field.read(given === undefined ? wire[field.key] : given)
    if (value === undefined) value = field.fallback
    if (value !== undefined) into[field.key] = value
    else if (field.isRequired) return undefined
  }
  return into
}
