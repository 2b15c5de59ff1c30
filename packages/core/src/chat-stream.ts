import { type AgentEvent, type DoneEvent, decodePayload, RUN_FAILED } from '@agent-stream/protocol'
import {
  type AiSdkUiChunk,
  type AiSdkUiEncoderOptions,
  createAiSdkUiEncoder,
} from '@agent-stream/protocol/dialects/ai-sdk-ui'

import type { AgentStreamCallbacks } from './callbacks.ts'
import { createChunkReplay } from './chunk-replay.ts'
import type { AgentStreamClient } from './client.ts'

export interface ChatStream {
  readonly stream: ReadableStream<AiSdkUiChunk>
  /** For the client's run that the stream shows. */
  readonly callbacks: AgentStreamCallbacks
  /** Resolves with the first event, true, or with an end before it, false. */
  readonly begun: Promise<boolean>
  /** What the client was called wrongly with. */
  fail(cause: unknown): void
}

const TOLD_OTHERWISE = {
  errorType: 'restarted',
  message: 'The connection was lost, and the answer began anew in another way: ask again',
}

/** The run of a client as the chunks that a chat reads. Whoever stops reading leaves the run alone. */
export function createChatStream(client: AgentStreamClient, options: AiSdkUiEncoderOptions): ChatStream {
  const replay = createChunkReplay()
  let { messageId } = options
  let encoder = createAiSdkUiEncoder(options)
  let controller: ReadableStreamDefaultController<AiSdkUiChunk> | undefined
  let begin: (hasBegun: boolean) => void = () => undefined
  const begun = new Promise<boolean>((resolve) => {
    begin = resolve
  })
  const stream = new ReadableStream<AiSdkUiChunk>({
    start(given) {
      controller = given
    },
    cancel() {
      controller = undefined
      client.detach()
    },
  })

  function give(chunks: readonly AiSdkUiChunk[]): void {
    for (const chunk of chunks) {
      const lacking = replay.next(chunk)
      if (!lacking) {
        giveUp()
        return
      }
      for (const one of lacking) controller?.enqueue(one)
    }
  }

  function giveUp(): void {
    controller?.enqueue({ type: 'error', errorText: TOLD_OTHERWISE.message })
    close()
    client.stop()
  }

  function close(): void {
    controller?.close()
    controller = undefined
  }

  function take(event: AgentEvent): void {
    // The message keeps the name that it was first given, also when another run has to tell it.
    if (event.type === 'run_started') messageId ??= event.runId
    give(encoder.encode(event))
    begin(true)
  }

  function finish(): void {
    const { outcome, error } = client.getSnapshot()
    if (outcome === 'stopped') give(encoder.encode(decodePayload('done', { aborted: true }) as DoneEvent))
    give(encoder.end(outcome === 'failed' ? (error ?? RUN_FAILED) : undefined))
    close()
    begin(false)
  }

  return {
    stream,
    begun,
    callbacks: {
      onEvent: take,
      onRestart() {
        replay.restart()
        encoder = createAiSdkUiEncoder({ ...options, messageId })
      },
      onDone: finish,
    },
    fail(cause) {
      controller?.error(cause)
      controller = undefined
      begin(false)
    },
  }
}
