/**
 * What each event carries: the one table that decoding and encoding read. A line is an event's name and its
 * fields, which the wire has in snake_case. A field is text, or by the sign before it `#` a number, `^` an integer,
 * `%` a percentage, `~` a flag, `*` a list, `$` any JSON, `&` an object (`NESTED` has the fields of objects and of
 * a list's items). One that is absent is `''`, `0`, `false`, `[]` or `null`, or the word after `=` (of several, the
 * only ones allowed, the first); with `?` it is left out, and with `!` the event cannot do without it.
 * `@` stands for the origin's fields.
 */
const EVENTS = `token text! ~refusal? @
thinking text! @
tool_use toolName toolUseId inputSummary status=running|running $input? @
tool_input_delta toolUseId! delta! @
tool_result toolName toolUseId outputSummary #durationMs status=done|error $output? ~preliminary? @
turn #turnNumber! #totalTools
progress step %percentage message &subProgress
creation creationType #count toolUseId *items @
error errorType=error message=error $details?
done messageId #numTurns #toolCount #durationMs model ~isError ~aborted? #totalCostUsd? finishReason? &usage? &final? ~redacted?
run_started runId! startedAt protocol #heartbeatMs?
plan_created *steps!
step_started stepId! title?
step_completed stepId! status=done #durationMs?
source_added sourceId! url? title? mediaType? @
quality_checked check! ~passed! #score?
input_required inputId! kind=question|approval|choice message toolUseId? $schema? *options? expiresAt?
input_received inputId! $answer?
file url! mediaType name? @
custom name! $value? @
state_snapshot $state?
state_delta *patch!
rollback #to!
gap ^fromSeq! ^toSeq!`

const NESTED = `subProgress #current #total itemTitle
usage #inputTokens? #outputTokens? #reasoningTokens? #cacheReadTokens? #cacheWriteTokens? #totalTokens?
final #eventCount? #textChars? textHash?
steps stepId! title`

export interface Field {
  /** The name in TypeScript, in camelCase. */
  readonly key: string
  /** The name on the wire, in snake_case. */
  readonly wireKey: string
  /** The value if it is of this kind, else `undefined`. */
  readonly read: (value: unknown) => unknown
  /** The value when the field is absent; `undefined` leaves it out. */
  readonly fallback: unknown
  readonly isRequired: boolean
  /** The shape inside an object, or inside each item of a list. */
  readonly shape: Shape | undefined
}

export type Shape = readonly Field[]

type JsonObject = Readonly<Record<string, unknown>>

const FALLBACKS: JsonObject = { '': '', '#': 0, '%': 0, '~': false, '*': [], '&': null }
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  '': (value) => typeof value === 'string',
  // JSON can spell a number that is infinite: 1e999.
  '#': Number.isFinite,
  '%': Number.isFinite,
  '^': Number.isSafeInteger,
  '~': (value) => typeof value === 'boolean',
  '*': Array.isArray,
  '&': isRecord,
  $: () => true,
}

const NESTED_SHAPES = parseTable(NESTED)
/** By event name. */
export const SHAPES: ReadonlyMap<string, Shape> = parseTable(EVENTS, NESTED_SHAPES)

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The fields of `wire` that `shape` knows, under their TypeScript names and with defaults filled in.
 * A value of the wrong kind counts as absent. `undefined` if required ones are absent: `missing` is given their
 * names on the wire.
 */
export function readShape(
  shape: Shape,
  wire: JsonObject,
  into: Record<string, unknown> = {},
  missing: string[] = [],
): Record<string, unknown> | undefined {
  for (const { key, wireKey, read, fallback, isRequired } of shape) {
    const given = wire[wireKey] === undefined ? wire[key] : wire[wireKey]
    let value = given === undefined ? given : read(given)
    if (value === undefined) value = fallback
    if (value !== undefined) into[key] = value
    else if (isRequired) missing.push(wireKey)
  }
  return missing.length > 0 ? undefined : into
}

/** A field's name on the wire. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function parseTable(table: string, nested?: ReadonlyMap<string, Shape>): ReadonlyMap<string, Shape> {
  const lines = table.replaceAll('@', 'messageId? blockId? branchId? parentToolUseId?').split('\n')
  return new Map(
    lines.map((line) => {
      const [name = '', ...fields] = line.split(' ')
      return [name, fields.map((field) => parseField(field, nested))]
    }),
  )
}

function parseField(field: string, nested: ReadonlyMap<string, Shape> | undefined): Field {
  const [, kind = '', key = '', mark, given = ''] = /(\W?)(\w+)(\W?)(.*)/.exec(field) ?? []
  const words: readonly unknown[] = given.split('|')
  const shape = nested?.get(key)
  const isOfKind = KINDS[kind] as (value: unknown) => boolean
  const readInside = (value: unknown) => (shape && isRecord(value) ? readShape(shape, value) : undefined)
  return {
    key,
    wireKey: snakeCase(key),
    read(value) {
      if (!isOfKind(value) || (words.length > 1 && !words.includes(value))) return undefined
      if (kind === '%') return Math.min(100, Math.max(0, value as number))
      if (!shape) return value
      return Array.isArray(value) ? value.map(readInside).filter(Boolean) : readInside(value)
    },
    fallback: mark === '=' ? words[0] : mark ? undefined : FALLBACKS[kind],
    isRequired: mark === '!',
    shape,
  }
}
