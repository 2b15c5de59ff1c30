import type { Dialect } from '../dialect.ts'
import { isRecord } from '../shape.ts'
import { createEventDecoder, type Emit, type EmitCustom, type EventReader } from './event-decoder.ts'
import { errorFields, firstText, listOf, objectOf, textOf, timeOf } from './fields.ts'
import type { JsonObject } from './json-messages.ts'
import { createResponseItems } from './response-items.ts'

const NAME = 'openai-responses'

/** OpenAI's Responses API, and those who speak it: Azure, Bedrock, OpenRouter (`spec/dialects.md`). */
export const openaiResponses: Dialect = {
  name: NAME,
  detect: ({ event }, payload) =>
    isRecord(payload) &&
    (/^response\./.test(textOf(payload.type ?? event)) || payload.sequence_number !== undefined),
  createDecoder: () => createEventDecoder(NAME, createReader),
}

function createReader(emit: Emit, custom: EmitCustom): EventReader {
  const items = createResponseItems(emit, custom)
  let responseId: string | undefined
  let model: string | undefined
  /** The number and kind of the last message. */
  let last = Number.NaN
  let lastType = ''
  let isNumbered = true
  let hasFailed = false

  /**
   * Whether the message is new. The numbers are the wire's own, dense from wherever it begins; a server that gives
   * two kinds of messages the same one does not number them.
   */
  function admit(seq: number, type: string): boolean {
    if (seq === last && type !== lastType) isNumbered = false
    if (!isNumbered || !Number.isSafeInteger(seq)) return true
    if (seq <= last) return false
    if (seq > last + 1) emit('gap', { fromSeq: last + 1, toSeq: seq - 1 })
    last = seq
    lastType = type
    return true
  }

  /** `error` and `response.failed` say the same twice. */
  function fail(error: unknown): void {
    if (!hasFailed) emit('error', errorFields(error))
    hasFailed = true
  }

  function done(status: string, { usage, incomplete_details }: JsonObject): JsonObject {
    const { reason } = objectOf(incomplete_details)
    const { input_tokens_details, output_tokens_details, cost } = objectOf(usage)
    const input = objectOf(input_tokens_details)
    const details = { ...input, ...objectOf(output_tokens_details), cache_read_tokens: input.cached_tokens }
    const isCut = reason === 'max_output_tokens'
    return {
      messageId: responseId,
      model,
      isError: status === 'failed',
      aborted: status === 'cancelled' || undefined,
      finishReason:
        status !== 'completed' ? (isCut ? 'length' : reason) : items.open.size ? 'tool_calls' : 'stop',
      usage: usage && { ...objectOf(usage), ...details },
      totalCostUsd: cost,
    }
  }

  /** The message `response.<status>`, which has the whole response as it is by then. False if it is not known. */
  function addState(status: string, response: JsonObject): boolean {
    const isFirst = responseId === undefined
    responseId ??= firstText(response.id)
    model ??= firstText(response.model)
    if (isFirst && responseId)
      emit('run_started', { runId: responseId, startedAt: timeOf(response.created_at) })
    const [isKnown, isEnd] =
      /^(?:created|queued|in_progress|(completed|incomplete|failed|cancelled))$/.exec(status) ?? []
    if (!isEnd) return !!isKnown
    listOf(response.output).forEach((item, index) => {
      items.complete(objectOf(item), index, true)
    })
    if (response.error) fail(response.error)
    emit('done', done(status, response))
    return true
  }

  return {
    read(payload, event) {
      const type = firstText(payload.type) ?? event
      const { sequence_number, error, code, response } = payload
      const [, name = '', phase] = type.split('.')
      // What is no integer is no number to `admit` either.
      if (!admit(sequence_number as number, type) || type === 'keepalive') return true
      if (type !== 'error') {
        return phase === undefined ? addState(name, objectOf(response)) : items.read(name, phase, payload)
      }
      fail(error ?? { ...payload, type: code })
      return true
    },
    end() {},
    pending: () => (hasFailed ? done('failed', {}) : undefined),
  }
}
