import type { Exchange } from '../exchange.ts'
import { openai } from '../providers/openai.ts'
import type { TokenUsage } from '../providers/token-usage.ts'
import type { ImportedCall } from './imported-call.ts'

/**
 * The call as an exchange with OpenAI's chat API, whoever answered it: no export has the bytes. A time that is not
 * known is 0. Throws `UnsupportedRequestError` where that API cannot say it.
 */
export function importedExchange(call: ImportedCall): Exchange {
  const { conversation, model, startedAt, latencyMs = 0, firstChunkMs = latencyMs } = call
  const { url, headers, body } = openai.buildRequest(conversation, { model })
  const bytes = new TextEncoder()
  const json = { 'content-type': 'application/json' }
  return {
    startedAt: startedAt ?? new Date(0).toISOString(),
    request: {
      method: 'POST',
      url,
      headers: Object.entries({ ...headers, ...json }),
      body: bytes.encode(JSON.stringify(body)),
    },
    response: {
      status: 200,
      statusText: 'OK',
      headers: Object.entries(json),
      url: '',
      isRedirected: false,
      atMs: firstChunkMs,
    },
    chunks: [{ bytes: bytes.encode(JSON.stringify(completion(call))), atMs: latencyMs }],
    end: { type: 'complete', atMs: latencyMs },
  }
}

/** The answer as a chat completion. */
function completion({ model, answer, usage, id }: ImportedCall): object {
  const { text, toolCalls, finishReason } = answer
  const calls = toolCalls.map((call, place) => ({
    id: call.id ?? `call_${place}`,
    type: 'function',
    function: {
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {}),
    },
  }))
  const message = { role: 'assistant', content: text, ...(calls.length > 0 && { tool_calls: calls }) }
  const reason = finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop')
  return {
    ...(id !== undefined && { id }),
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message, finish_reason: reason }],
    ...(usage && { usage: chatUsage(usage) }),
  }
}

function chatUsage({ input, cacheRead, cacheWrite, output, reasoning }: TokenUsage): object {
  const prompt = input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0)
  return {
    ...(prompt !== undefined && { prompt_tokens: prompt }),
    ...(output !== undefined && { completion_tokens: output }),
    ...((cacheRead ?? cacheWrite) !== undefined && {
      prompt_tokens_details: {
        ...(cacheRead !== undefined && { cached_tokens: cacheRead }),
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
    }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  }
}
