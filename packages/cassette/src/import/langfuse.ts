import { isObject, type JsonObject, objectOr, parseJson, stringOr } from '../json-object.ts'
import { type ImportedCall, refuse } from './imported-call.ts'
import { readAnswer } from './read-answer.ts'
import { firstString } from './read-parts.ts'
import { readRequest } from './read-request.ts'
import { callTimes } from './read-time.ts'
import { readUsage } from './read-usage.ts'

/**
 * Reads an observation of Langfuse: as its public API gives it (camelCase), or as its blob storage export does
 * (snake_case, with input, output and metadata as text).
 * Source: https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields
 */
export function readLangfuse(record: JsonObject): ImportedCall {
  const type = stringOr(record.type, 'GENERATION').toUpperCase()
  if (type !== 'GENERATION') refuse(`it is a ${type.toLowerCase()}, not a generation`)
  if (record.level === 'ERROR')
    refuse(`the call failed: ${firstString(record.statusMessage, record.status_message) ?? 'no message'}`)
  const parameters = objectOr(jsonOr(record.modelParameters ?? record.model_parameters))
  const metadata = objectOr(jsonOr(record.metadata))
  const read = readAnswer(record.output)
  const model = firstString(
    record.model,
    record.provided_model_name,
    record.providedModelName,
    record.modelName,
    read.model,
  )
  const id = firstString(record.id)
  const category = firstString(metadata.category, objectOr(metadata.attributes).category)
  const provider = firstString(record.provider, metadata.ls_provider, metadata.provider)
  return {
    ...(id !== undefined && { id }),
    model: model ?? refuse('it names no model'),
    ...(provider !== undefined && { provider }),
    conversation: readRequest(record.input, { ...parameters, ...toolsIn(metadata) }),
    answer: read.answer,
    ...usageOf(record, read.usage),
    ...callTimes(
      record.startTime ?? record.start_time ?? record.timestamp,
      record.endTime ?? record.end_time,
      record.completionStartTime ?? record.completion_start_time,
    ),
    ...(category !== undefined && { category }),
  }
}

/** `usageDetails` is newer than `usage`; those of the response itself are the best. */
function usageOf(record: JsonObject, fromAnswer: unknown): Pick<ImportedCall, 'usage'> {
  const usage =
    readUsage(jsonOr(record.usageDetails ?? record.usage_details), false) ??
    readUsage(jsonOr(record.usage), false) ??
    readUsage(record, false) ??
    readUsage(fromAnswer, true)
  return usage ? { usage } : {}
}

function toolsIn(metadata: JsonObject): JsonObject {
  const tools = jsonOr(metadata.tools)
  return Array.isArray(tools) ? { tools } : {}
}

/** The value of JSON text that is an object or a list; any other value as it is. */
function jsonOr(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const parsed = parseJson(value)
  return isObject(parsed) || Array.isArray(parsed) ? parsed : value
}
