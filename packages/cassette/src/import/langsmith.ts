import { isObject, type JsonObject, listOr, objectOr, stringOr } from '../json-object.ts'
import { type ImportedCall, refuse } from './imported-call.ts'
import { readAnswer } from './read-answer.ts'
import { firstString } from './read-parts.ts'
import { readRequest } from './read-request.ts'
import { callTimes } from './read-time.ts'
import { readUsage } from './read-usage.ts'

/**
 * Reads a run of LangSmith, traced by LangChain or by the wrappers of the OpenAI and Anthropic SDKs.
 * Source: https://docs.langchain.com/langsmith/run-data-format
 */
export function readLangsmith(run: JsonObject): ImportedCall {
  const type = stringOr(run.run_type, 'llm')
  if (type !== 'llm') refuse(`it is a ${type} run, not an llm run`)
  if (typeof run.error === 'string' && run.error !== '')
    refuse(`the call failed: ${run.error.split('\n', 1)[0]}`)
  const inputs = objectOr(run.inputs)
  const extra = objectOr(run.extra)
  const invocation = objectOr(extra.invocation_params)
  const metadata = objectOr(extra.metadata)
  const read = readAnswer(answerOf(run.outputs))
  const model = firstString(
    metadata.ls_model_name,
    invocation.model,
    invocation.model_name,
    inputs.model,
    read.model,
    objectOr(objectOr(run.outputs).llm_output).model_name,
  )
  const id = firstString(run.id)
  const provider = firstString(metadata.ls_provider, invocation._type)
  const category = firstString(metadata.category)
  const usage = usageOf(run, read.usage)
  return {
    ...(id !== undefined && { id }),
    model: model ?? refuse('it names no model'),
    ...(provider !== undefined && { provider }),
    conversation: readRequest(promptOf(inputs), invocation),
    answer: read.answer,
    ...(usage && { usage }),
    ...callTimes(run.start_time, run.end_time, run.first_token_time),
    ...(category !== undefined && { category }),
  }
}

/** A completion model has a list of prompts, of which one is a call. */
function promptOf(inputs: JsonObject): unknown {
  const prompts = listOr(inputs.prompts)
  if (prompts.length > 1) refuse(`it is a batch of ${prompts.length} prompts`)
  return prompts.length === 1 ? prompts[0] : inputs
}

/** A function's result that is no object is kept as `output`. */
function answerOf(outputs: unknown): unknown {
  return isObject(outputs) && typeof outputs.output === 'string' ? outputs.output : outputs
}

function usageOf(run: JsonObject, fromAnswer: unknown) {
  const outputs = objectOr(run.outputs)
  return (
    readUsage(outputs.usage_metadata, true) ??
    readUsage(fromAnswer, true) ??
    readUsage(objectOr(outputs.llm_output).token_usage, true) ??
    readUsage(run, true)
  )
}
