import { isObject, type JsonObject, listOr, parseJson } from '../json-object.ts'
import { type ImportedCall, type ImportSource, RefusedRecord } from './imported-call.ts'
import { readLangfuse } from './langfuse.ts'
import { readLangsmith } from './langsmith.ts'
import { readOtel } from './otel.ts'
import { isOtelMessage, type OtelRecord, otelRecords } from './otlp.ts'

/** A record that was read, or why it was not. `name` is what a person finds it by. */
export type ExportEntry =
  | { readonly type: 'call'; readonly name: string; readonly call: ImportedCall }
  | { readonly type: 'refused'; readonly name: string; readonly reason: string }

export interface ReadExport {
  /** Undefined where the records are of no system that is known. */
  readonly source: ImportSource | undefined
  readonly entries: readonly ExportEntry[]
}

/**
 * Reads an export: JSON, or JSON lines. Without a source, it is told by the records. Nothing is thrown for what
 * stands in it: a line or a record that cannot be read costs itself.
 */
export function readExport(text: string, source?: ImportSource): ReadExport {
  const { records, refused } = parseRecords(text)
  const known = source ?? records.map(({ value }) => sourceOf(value)).find((found) => found !== undefined)
  if (known === undefined) return { source: known, entries: refused }
  const read = known === 'otel' ? readSpans(records) : records.map((record) => readRecord(record, known))
  return { source: known, entries: [...refused, ...read] }
}

interface Named {
  readonly name: string
  readonly value: JsonObject
}

type Refused = Extract<ExportEntry, { type: 'refused' }>

function parseRecords(text: string): {
  readonly records: readonly Named[]
  readonly refused: readonly Refused[]
} {
  const records: Named[] = []
  const refused: Refused[] = []
  for (const { name, value } of parsedValues(text)) {
    if (isObject(value)) records.push({ name, value })
    else
      refused.push({
        type: 'refused',
        name,
        reason: value === undefined ? 'it is not JSON' : 'it is no JSON object',
      })
  }
  return { records, refused }
}

interface ParsedValue {
  readonly name: string
  readonly value: unknown
}

/** The records of one JSON value, or of a value a line. */
function parsedValues(text: string): readonly ParsedValue[] {
  const whole = parseJson(text)
  if (whole !== undefined)
    return unwrap(whole).map((value, place) => ({ name: `record ${place + 1}`, value }))
  return text.split('\n').flatMap((line, place) => {
    if (line.trim() === '') return []
    const values = unwrap(parseJson(line))
    const at = (of: number) => (values.length > 1 ? `, record ${of + 1}` : '')
    return values.map((value, of) => ({ name: `line ${place + 1}${at(of)}`, value }))
  })
}

/** APIs answer with pages of records. */
function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isObject(value) || isOtelMessage(value)) return [value]
  const key = ['data', 'observations', 'generations', 'runs', 'spans'].find((name) =>
    Array.isArray(value[name]),
  )
  return key === undefined ? [value] : listOr(value[key])
}

function sourceOf(record: JsonObject): ImportSource | undefined {
  if (isOtelMessage(record)) return 'otel'
  if ('run_type' in record || ('inputs' in record && 'outputs' in record)) return 'langsmith'
  if ('traceId' in record || 'trace_id' in record) {
    if ('input' in record || record.type !== undefined) return 'langfuse'
  }
  if ('attributes' in record) return 'otel'
  return 'input' in record && 'output' in record ? 'langfuse' : undefined
}

function readRecord({ name, value }: Named, source: Exclude<ImportSource, 'otel'>): ExportEntry {
  const id = typeof value.id === 'string' ? `${name} (${value.id})` : name
  return entryOf(id, () => (source === 'langfuse' ? readLangfuse(value) : readLangsmith(value)))
}

function readSpans(records: readonly Named[]): readonly ExportEntry[] {
  const all = records.flatMap(({ value }) => otelRecords(value))
  const logs = new Map<string, OtelRecord[]>()
  const spans: OtelRecord[] = []
  for (const record of all) {
    // A log record has a body, or names an event; a span has an end.
    const isLog = record.end === undefined && ('body' in record || record.name.startsWith('gen_ai.'))
    const key = keyOf(record)
    if (!isLog || key === undefined) spans.push(record)
    else logs.set(key, [...(logs.get(key) ?? []), record])
  }
  const known = new Set(spans.map(keyOf))
  const lone = [...logs]
    .filter(([key]) => !known.has(key))
    .map(([, [first, ...rest]]) => ({ span: first as OtelRecord, rest }))
  const pairs = [...spans.map((span) => ({ span, rest: logs.get(keyOf(span) ?? '') ?? [] })), ...lone]
  return pairs.map(({ span, rest }, place) =>
    entryOf(`span ${place + 1}${span.spanId ? ` (${span.spanId})` : ''}`, () =>
      readOtel(span, loneEvents(span, rest)),
    ),
  )
}

/** Log records without their span: the first of them stands for it. */
function loneEvents(span: OtelRecord, rest: readonly OtelRecord[]): readonly OtelRecord[] {
  return span.end === undefined ? [span, ...rest] : rest
}

function keyOf({ traceId, spanId }: OtelRecord): string | undefined {
  return spanId === undefined ? undefined : `${traceId ?? ''}/${spanId}`
}

function entryOf(name: string, read: () => ImportedCall): ExportEntry {
  try {
    return { type: 'call', name, call: read() }
  } catch (error) {
    if (error instanceof RefusedRecord) return { type: 'refused', name, reason: error.message }
    // The stack is used up.
    if (error instanceof RangeError) return { type: 'refused', name, reason: 'it is nested too deeply' }
    throw error
  }
}
