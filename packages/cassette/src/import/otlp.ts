import { isObject, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'

/** A span, or a log record that belongs to one, with plain values for attributes. */
export interface OtelRecord {
  readonly spanId?: string
  readonly traceId?: string
  readonly name: string
  readonly attributes: JsonObject
  /** Of a log record. */
  readonly body?: unknown
  readonly events: readonly OtelRecord[]
  readonly start?: unknown
  readonly end?: unknown
  readonly hasFailed: boolean
}

/** The spans and log records of an OTLP JSON message; a lone span, such as a console exporter prints, by itself. */
export function otelRecords(message: JsonObject): readonly OtelRecord[] {
  const groups = [...list(message, 'resourceSpans'), ...list(message, 'resourceLogs')].flatMap((resource) => [
    ...list(resource, 'scopeSpans'),
    ...list(resource, 'instrumentationLibrarySpans'),
    ...list(resource, 'scopeLogs'),
  ])
  if (groups.length === 0) return isOtelMessage(message) ? [] : [otelRecord(message)]
  return groups.flatMap((group) => [...list(group, 'spans'), ...list(group, 'logRecords')].map(otelRecord))
}

export function isOtelMessage(message: JsonObject): boolean {
  return ['resourceSpans', 'resource_spans', 'resourceLogs', 'resource_logs'].some((key) =>
    Array.isArray(message[key]),
  )
}

/** JSON of protobuf messages has its names in lowerCamelCase, or as they are in the schema. */
function list(value: JsonObject, name: string): readonly JsonObject[] {
  return listOr(field(value, name)).filter(isObject)
}

function field(value: JsonObject, name: string): unknown {
  return value[name] ?? value[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
}

function otelRecord(value: JsonObject): OtelRecord {
  const context = objectOr(value.context ?? value.spanContext)
  const attributes = attributesOf(value.attributes)
  const spanId = field(value, 'spanId') ?? field(context, 'spanId') ?? value.id
  const traceId = field(value, 'traceId') ?? field(context, 'traceId')
  return {
    ...(typeof spanId === 'string' && { spanId }),
    ...(typeof traceId === 'string' && { traceId }),
    name: stringOr(field(value, 'eventName') ?? attributes['event.name'] ?? value.name, ''),
    attributes,
    ...('body' in value && { body: plain(value.body) }),
    events: list(value, 'events').map(otelRecord),
    start:
      field(value, 'startTimeUnixNano') ??
      value.start_time ??
      value.startTime ??
      field(value, 'timeUnixNano') ??
      value.timestamp,
    end: field(value, 'endTimeUnixNano') ?? value.end_time ?? value.endTime,
    hasFailed: isErrorStatus(objectOr(value.status)),
  }
}

function isErrorStatus(status: JsonObject): boolean {
  const code = status.code ?? status.status_code
  return code === 2 || code === 'STATUS_CODE_ERROR' || code === 'ERROR'
}

/** A list of key and value as in OTLP, or an object as SDKs print it. */
function attributesOf(value: unknown): JsonObject {
  if (isObject(value)) return value
  return Object.fromEntries(
    listOr(value)
      .map(objectOr)
      .filter(({ key }) => typeof key === 'string')
      .map((pair) => [pair.key as string, plain(pair.value)]),
  )
}

/** The JavaScript value of an OTLP AnyValue. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value
  for (const key of ['stringValue', 'boolValue', 'doubleValue', 'bytesValue'] as const) {
    const found = field(value, key)
    if (found !== undefined) return found
  }
  const int = field(value, 'intValue')
  if (int !== undefined) return Number(int)
  const array = field(value, 'arrayValue')
  if (isObject(array)) return listOr(array.values).map(plain)
  const map = field(value, 'kvlistValue')
  return isObject(map) ? attributesOf(map.values) : value
}
