import { readUIMessageStream, type UIMessage, type UIMessageChunk, uiMessageChunkSchema } from 'ai'

import {
  type AiSdkUiChunk,
  type AiSdkUiEncoderOptions,
  createAiSdkUiEncoder,
} from '../../src/dialects/ai-sdk-ui.ts'
import { type AgentEvent, createFold, endRun, type RunState } from '../../src/index.ts'

/** What a run becomes for a reader of the AI SDK, and what it is to us. */
export interface UiRun {
  readonly chunks: readonly AiSdkUiChunk[]
  readonly state: RunState
}

export function encodeUi(events: readonly AgentEvent[], options?: AiSdkUiEncoderOptions): UiRun {
  const encoder = createAiSdkUiEncoder(options)
  const run = createFold()
  const chunks = events.flatMap((event) => {
    run.apply(event)
    return encoder.encode(event)
  })
  return { chunks: [...chunks, ...encoder.end()], state: endRun(run.snapshot(), 'closed') }
}

/** The message as the AI SDK itself reads it; throws where it does, and where a chunk is none of its. */
export async function readUiMessage(chunks: readonly AiSdkUiChunk[]): Promise<UIMessage> {
  // As they come over the wire.
  const wire = JSON.parse(JSON.stringify(chunks)) as UIMessageChunk[]
  const { validate } = await uiMessageChunkSchema()
  const errors: unknown[] = []
  for (const chunk of wire) {
    const result = await validate?.(chunk)
    if (!result?.success) throw new Error(`${JSON.stringify(chunk)} is no chunk: ${String(result?.error)}`)
  }
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of wire) if (chunk.type !== 'error') controller.enqueue(chunk)
      controller.close()
    },
  })
  let message: UIMessage = { id: '', role: 'assistant', parts: [] }
  for await (const read of readUIMessageStream({ stream, onError: (error) => errors.push(error) }))
    message = read
  if (errors.length > 0) throw errors[0]
  return message
}
