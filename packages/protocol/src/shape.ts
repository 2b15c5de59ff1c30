/**
 * What each event carries: the one table that decoding and encoding read. A line is an event's name and its
 * fields as they stand on the wire. A field is a string, or `:` and its kind: `n` number, `i` integer,
 * `b` boolean, `p` percentage (0 to 100), `l` list, `j` any JSON, or a nested shape (`[]`: a list of it).
 * `=` gives the default, or two and more allowed words with the default first. A field that is absent is `''`, `0`, `false`, `[]` or `null`; with
 * `?` it is left out, and with `!` the event cannot do without it. `@` stands for the origin's fields.
 */
const EVENTS = `
token text! refusal:b? @
thinking text! @
tool_use tool_name tool_use_id input_summary status=running|running input:j? @
tool_input_delta tool_use_id! delta! @
tool_result tool_name tool_use_id output_summary duration_ms:n status=done|error output:j? preliminary:b? @
turn turn_number:n! total_tools:n
progress step percentage:p message sub_progress:sub_progress
creation creation_type count:n tool_use_id items:l @
error error_type=error message=error details:j?
done message_id num_turns:n tool_count:n duration_ms:n model is_error:b aborted:b? total_cost_usd:n? finish_reason? usage:usage? final:final? redacted:b?
run_started run_id! started_at protocol heartbeat_ms:n?
plan_created steps:step[]!
step_started step_id! title?
step_completed step_id! status=done duration_ms:n?
source_added source_id! url? title? media_type? @
quality_checked check! passed:b! score:n?
input_required input_id! kind=question|approval|choice message tool_use_id? schema:j? options:l? expires_at?
input_received input_id! answer:j?
file url! media_type name? @
custom name! value:j? @
state_snapshot state:j?
state_delta patch:l!
rollback to:n!
gap from_seq:i! to_seq:i!`

const NESTED = `
sub_progress current:n total:n item_title
usage input_tokens:n? output_tokens:n? reasoning_tokens:n? cache_read_tokens:n? cache_write_tokens:n? total_tokens:n?
final event_count:n? text_chars:n? text_hash?
step step_id! title`

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

const FIELD = /^(\w+)(?::(\w+)(\[\])?)?(?:=([\w|]+))?([?!])?$/
const FALLBACKS: Readonly<Record<string, unknown>> = { s: '', n: 0, p: 0, b: false, l: [] }
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  s: (value) => typeof value === 'string',
  // JSON can spell a number that is infinite: 1e999.
  n: Number.isFinite,
  i: Number.isSafeInteger,
  b: (value) => typeof value === 'boolean',
  l: Array.isArray,
}

const NESTED_SHAPES = parseTable(NESTED, {})
export const SHAPES: Readonly<Record<string, Shape>> = parseTable(EVENTS, NESTED_SHAPES)

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
  for (const { key, wireKey, read, fallback, isRequired } of shape) {
    const given = wire[wireKey]
    let value = read(given === undefined ? wire[key] : given)
    if (value === undefined) value = fallback
    if (value !== undefined) into[key] = value
    else if (isRequired) return undefined
  }
  return into
}

function parseTable(table: string, nested: Readonly<Record<string, Shape>>): Record<string, Shape> {
  const lines = table
    .trim()
    .replaceAll('@', 'message_id? block_id? branch_id? parent_tool_use_id?')
    .split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [name, ...fields] = line.split(' ')
      return [name, fields.map((field) => parseField(field, nested))]
    }),
  )
}

function parseField(field: string, nested: Readonly<Record<string, Shape>>): Field {
  const [, wireKey = '', kind = 's', list, words, mark] = FIELD.exec(field) ?? []
  const shape = nested[kind]
  const [word, ...others] = words?.split('|') ?? []
  return {
    key: wireKey.replace(/_./g, (letter) => (letter[1] as string).toUpperCase()),
    wireKey,
    read: shape
      ? readerOfShape(shape, list !== undefined)
      : readerOf(kind, others.length > 0 ? words : undefined),
    fallback: mark ? undefined : (word ?? FALLBACKS[kind] ?? null),
    isRequired: mark === '!',
    shape,
  }
}

function readerOf(kind: string, allowed: string | undefined): Field['read'] {
  if (kind === 'j') return (value) => value
  if (allowed) return (value) => allowed.split('|').find((word) => word === value)
  if (kind === 'p')
    return (value) => (typeof value === 'number' ? Math.min(100, Math.max(0, value)) : undefined)
  return (value) => (KINDS[kind]?.(value) ? value : undefined)
}

function readerOfShape(shape: Shape, isList: boolean): Field['read'] {
  const read = (value: unknown) => (isRecord(value) ? readShape(shape, value) : undefined)
  return isList ? (value) => (Array.isArray(value) ? value.map(read).filter(Boolean) : undefined) : read
}
